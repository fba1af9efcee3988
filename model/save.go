package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"

	"leadscore/datasets"
)

// Save seals the artifact (Seal) and writes it to a file, whole or not at all. What Load would refuse is
// refused here, so that no training ends in a file that cannot be served.
func (a *Artifact) Save(path string) error {
	b, err := a.sealed()
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := datasets.AtomicWrite(path, func(w io.Writer) error { _, err := w.Write(b); return err }); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// Write is Save to a stream.
func (a *Artifact) Write(w io.Writer) error {
	b, err := a.sealed()
	if err != nil {
		return fmt.Errorf("writing the model: %w", err)
	}
	_, err = w.Write(b)
	return err
}

// Seal sets Digest and Version from the content. Card.Run is not part of it: two runs of the same
// training have the same digest.
func (a *Artifact) Seal() error {
	_, err := a.sealed()
	return err
}

// sealed seals the artifact and returns its file.
func (a *Artifact) sealed() ([]byte, error) {
	if _, err := compile(a); err != nil {
		return nil, err
	}
	content := *a
	content.Version, content.Digest = "", ""
	if content.Outcomes == nil {
		content.Outcomes = []string{}
	}
	if a.Card != nil {
		card := *a.Card
		card.Run = nil
		content.Card = &card
	}
	b, err := encode(&content)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	a.Digest = hex.EncodeToString(sum[:])
	a.Version = a.Digest[:versionDigits]
	content.Digest, content.Version = a.Digest, a.Version
	if b, err = encode(&content); err != nil {
		return nil, err
	}
	return layOut(b), nil
}

// versionDigits is how much of the digest names a version: 48 bits.
const versionDigits = 12

// encode writes compact JSON.
func encode(a *Artifact) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(a); err != nil {
		if path := notFinite(reflect.ValueOf(a.Card), "card"); path != "" {
			return nil, fmt.Errorf("%s is not a finite number, which JSON cannot hold", path)
		}
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// notFinite names the first number of a value that is NaN or infinite and not an Estimate, which has its
// own way to say so. It only runs when encoding has failed.
func notFinite(v reflect.Value, path string) string {
	switch v.Kind() {
	case reflect.Float64:
		if x := v.Float(); math.IsNaN(x) || math.IsInf(x, 0) {
			return path
		}
	case reflect.Pointer:
		return notFinite(v.Elem(), path)
	case reflect.Slice:
		for i := range v.Len() {
			if p := notFinite(v.Index(i), fmt.Sprintf("%s[%d]", path, i)); p != "" {
				return p
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			if p := notFinite(v.MapIndex(k), path+"."+k.String()); p != "" {
				return p
			}
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Estimate]() {
			return ""
		}
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			if p := notFinite(v.Field(i), path+"."+name); p != "" {
				return p
			}
		}
	}
	return ""
}
