package access

import (
	"crypto/subtle"
	"encoding/binary"
	"time"
)

// Caller is who sent a request.
type Caller struct {
	Name   string // for logs: a key's name, or token:HASH or certificate:HASH
	Scopes Scopes
	bucket *bucket // nil: no limit
}

// member is a key in a ring.
type member struct {
	Key
	caller Caller
}

// keyring finds keys by their hash; immutable.
type keyring struct {
	// members by the first 8 bytes of their hash. Those are looked up in time that depends on them: what an attacker can learn of a
	// hash tells nothing of the key. The whole hash is compared in constant time.
	members map[uint64][]*member
}

// newKeyring makes a ring. A key that was in the ring before, with the same rate, keeps its bucket, so that reading the file again
// gives nobody a full one.
func newKeyring(keys []Key, standard Rate, before *keyring) *keyring {
	ring := &keyring{members: make(map[uint64][]*member, len(keys))}
	for _, k := range keys {
		if k.Rate == (Rate{}) {
			k.Rate = standard
		}
		m := &member{Key: k, caller: Caller{Name: k.Name, Scopes: k.Scopes}}
		if old := before.find(k.Hash); old != nil && old.Rate == k.Rate {
			m.caller.bucket = old.caller.bucket
		} else {
			m.caller.bucket = k.Rate.bucket()
		}
		p := prefix(k.Hash)
		ring.members[p] = append(ring.members[p], m)
	}
	return ring
}

func prefix(h Hash) uint64 { return binary.LittleEndian.Uint64(h[:8]) }

func (r *keyring) find(h Hash) *member {
	if r == nil {
		return nil
	}
	for _, m := range r.members[prefix(h)] {
		if subtle.ConstantTimeCompare(m.Hash[:], h[:]) == 1 {
			return m
		}
	}
	return nil
}

// caller is who has a key at a moment.
func (r *keyring) caller(secret string, now time.Time) (*Caller, *Refusal) {
	h, ok := HashOf(secret)
	if !ok {
		return nil, invalidToken("the API key is not one of this server's")
	}
	m := r.find(h)
	if m == nil {
		return nil, invalidToken("the API key is not one of this server's")
	}
	if m.Expired(now) {
		return nil, invalidToken("the API key has expired")
	}
	return &m.caller, nil
}
