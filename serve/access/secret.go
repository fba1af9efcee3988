package access

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
)

// A key is secretPrefix and 32 random bytes in base64url. The prefix lets scanners for leaked secrets find it, and tells
// a key from a token.
const (
	secretPrefix = "lsk_"
	secretBytes  = 32
	secretLength = len(secretPrefix) + 43
)

// Hash is the SHA-256 of a whole key, prefix and all. A slow hash (bcrypt, Argon2) was rejected: it protects secrets that
// people choose, which can be guessed; 256 random bits cannot, and a slow hash would cost each request milliseconds.
type Hash [sha256.Size]byte

// NewSecret makes a key from 32 bytes of random, which is crypto/rand.Reader or a test's.
func NewSecret(random io.Reader) (string, error) {
	var b [secretBytes]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("making a key: %w", err)
	}
	return secretPrefix + base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// HashOf is the hash of a key; false for a text that is no key by its form.
func HashOf(secret string) (Hash, bool) {
	if !looksLikeSecret(secret) {
		return Hash{}, false
	}
	var b [secretLength]byte
	copy(b[:], secret)
	return sha256.Sum256(b[:]), true
}

func looksLikeSecret(s string) bool {
	return len(s) == secretLength && s[:len(secretPrefix)] == secretPrefix
}

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// parseHash reads 64 hexadecimal digits.
func parseHash(s string) (Hash, error) {
	var h Hash
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) {
		return h, fmt.Errorf("not a SHA-256: want %d hexadecimal digits", hex.EncodedLen(len(h)))
	}
	copy(h[:], b)
	return h, nil
}
