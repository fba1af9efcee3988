package model

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestLayOut(t *testing.T) {
	const compact = `{"a":1,"tables":[{"t":[1,2.5,-3],"s":"x,{\"}"},[],{}],"e":{"k":[{"z":null}]}}`
	const want = `{
  "a": 1,
  "tables": [
    {
      "t": [1,2.5,-3],
      "s": "x,{\"}"
    },
    [],
    {}
  ],
  "e": {
    "k": [
      {"z":null}
    ]
  }
}
`
	if got := string(layOut([]byte(compact))); got != want {
		t.Errorf("laid out:\n%s\nwant:\n%s", got, want)
	}
}

func FuzzLayOut(f *testing.F) {
	f.Add([]byte(`{"a":[1,"\\\"]",{"b":{}}],"c":"é\u2028"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after bytes.Buffer
		if json.Compact(&before, b) != nil {
			return
		}
		if err := json.Compact(&after, layOut(before.Bytes())); err != nil || !bytes.Equal(before.Bytes(), after.Bytes()) {
			t.Errorf("laying out changed %s to %s (%v)", before.Bytes(), after.Bytes(), err)
		}
	})
}
