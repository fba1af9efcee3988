package datasets

import (
	"encoding/binary"
	"strings"
	"testing"

	flatbuffers "github.com/google/flatbuffers/go"
)

// schemaOfOneNestedField builds a Schema whose one field has one child, and returns its bytes
// and where the references of the two lists stand.
func schemaOfOneNestedField() (b []byte, fields, children flatbuffers.UOffsetT) {
	f := flatbuffers.NewBuilder(256)
	table := func(slots int, slot int, vector flatbuffers.UOffsetT) flatbuffers.UOffsetT {
		f.StartObject(slots)
		if vector != 0 {
			f.PrependUOffsetTSlot(slot, vector, 0)
		}
		return f.EndObject()
	}
	list := func(of flatbuffers.UOffsetT) flatbuffers.UOffsetT {
		f.StartVector(4, 1, 4)
		f.PrependUOffsetT(of)
		return f.EndVector(1)
	}
	child := table(7, 0, 0)
	field := table(7, slotFieldChildren, list(child))
	f.Finish(table(4, slotSchemaFields, list(field)))
	b = f.FinishedBytes()
	schema := rootTable(b)
	fields = schema.Vector(schema.slot(slotSchemaFields))
	outer := arrowTable{flatbuffers.Table{Bytes: b, Pos: schema.Indirect(fields)}}
	return b, fields, outer.Vector(outer.slot(slotFieldChildren))
}

func TestSchemaMetadataIsChecked(t *testing.T) {
	b, _, _ := schemaOfOneNestedField()
	if err := checkSchema(rootTable(b)); err != nil {
		t.Fatal(err)
	}
	// the child is its own parent: a reference that wraps around
	b, fields, children := schemaOfOneNestedField()
	parent := fields + flatbuffers.GetUOffsetT(b[fields:])
	binary.LittleEndian.PutUint32(b[children:], uint32(parent)-uint32(children))
	if err := checkSchema(rootTable(b)); err == nil || !strings.Contains(err.Error(), "refers to itself") {
		t.Errorf("error %v", err)
	}
	// lists longer than the file
	for _, which := range []int{0, 1} {
		b, fields, children = schemaOfOneNestedField()
		binary.LittleEndian.PutUint32(b[[]flatbuffers.UOffsetT{fields, children}[which]-4:], 1<<30)
		if err := checkSchema(rootTable(b)); err == nil || !strings.Contains(err.Error(), "longer than the metadata") {
			t.Errorf("error %v", err)
		}
	}
}
