package serve

import (
	"slices"
	"testing"

	"leadscore/datasets"
)

// TestLargeRecordBatchesAreAnsweredInPieces: a record batch of many rows, which may be few bytes, does not have its answer in memory whole.
func TestLargeRecordBatchesAreAnsweredInPieces(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	for query, most := range map[string]int{"": answerRows, "?explain=1": explainedRows} {
		table := leads(t, most+100, 9)
		text := encode(t, datasets.NewArrowEncoder(schema), table.Batches[0])
		ids := table.Batches[0].Schema().Index("lead_id")
		rows, groups := rowsOf(t, h.do(t, "POST", "/v1/score/batch"+query, arrowMedia, text))
		if !slices.Equal(groups, []int{most, 100}) {
			t.Errorf("%q: record batches of %d rows", query, groups)
		}
		for i, cells := range rows {
			if id := table.Batches[0].Value(ids, i).String(); cells["lead_id"] != id {
				t.Fatalf("%q: row %d is %s, want %s", query, i, cells["lead_id"], id)
			}
		}
	}
}
