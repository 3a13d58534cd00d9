// Answers questions about signed notes and hash trees with golang.org/x/mod/sumdb, to check Copilot.Core.Receipts against.
//
// usage: sumdb_peer < QUESTIONS > ANSWERS
//
// A question is one line of JSON, and so is its answer; Debian's golang-go and golang-golang-x-mod-dev are all that it is built from:
// GO111MODULE=off GOPATH=/usr/share/gocode go build sumdb_peer.go
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Ask string

	Note  []byte // open
	Vkey  string
	Text  []byte // sign
	Skeys []string
	Name  string // key
	Seed  int64

	Records [][]byte // records: those of all trees, in order
	Size    int64
	Old     int64
	Index   int64
	Root    tlog.Hash // check_record, check_tree
	OldRoot tlog.Hash `json:"old_root"`
	Leaf    tlog.Hash
	Proof   []tlog.Hash
}

type answer struct {
	Fault string      `json:"fault,omitempty"` // what the library said against it
	Note  []byte      `json:"note,omitempty"`
	Text  []byte      `json:"text,omitempty"`
	Keys  []string    `json:"keys,omitempty"` // open: whose signatures hold
	Skey  string      `json:"skey,omitempty"`
	Vkey  string      `json:"vkey,omitempty"`
	Root  *tlog.Hash  `json:"root,omitempty"`
	Proof []tlog.Hash `json:"proof,omitempty"`
}

// The library's own layout of stored hashes, from which it makes every root and every proof.
var stored []tlog.Hash

var reader = tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x < 0 || x >= int64(len(stored)) {
			return nil, fmt.Errorf("there is no hash %d", x)
		}
		hashes[i] = stored[x]
	}
	return hashes, nil
})

func main() {
	out := bufio.NewWriter(os.Stdout)
	in := json.NewDecoder(bufio.NewReader(os.Stdin))
	for in.More() {
		var q question
		if err := in.Decode(&q); err != nil {
			panic(err)
		}
		a, err := reply(q)
		if err != nil {
			a = answer{Fault: err.Error()}
		}
		if err := json.NewEncoder(out).Encode(a); err != nil {
			panic(err)
		}
	}
	if err := out.Flush(); err != nil {
		panic(err)
	}
}

func reply(q question) (a answer, err error) {
	switch q.Ask {
	case "open":
		return open(q)
	case "key":
		a.Skey, a.Vkey, err = note.GenerateKey(rand.New(rand.NewSource(q.Seed)), q.Name)
	case "sign":
		return sign(q)
	case "records":
		for i, record := range q.Records {
			hashes, err := tlog.StoredHashes(int64(i), record, reader)
			if err != nil {
				return a, err
			}
			stored = append(stored, hashes...)
		}
	case "root":
		var root tlog.Hash
		root, err = tlog.TreeHash(q.Size, reader)
		a.Root = &root
	case "prove_record":
		a.Proof, err = tlog.ProveRecord(q.Size, q.Index, reader)
	case "prove_tree":
		a.Proof, err = tlog.ProveTree(q.Size, q.Old, reader)
	case "check_record":
		err = tlog.CheckRecord(q.Proof, q.Size, q.Root, q.Index, q.Leaf)
	case "check_tree":
		err = tlog.CheckTree(q.Proof, q.Size, q.Root, q.Old, q.OldRoot)
	default:
		panic("no such question: " + q.Ask)
	}
	return a, err
}

func sign(q question) (a answer, err error) {
	var signers []note.Signer
	for _, skey := range q.Skeys {
		signer, err := note.NewSigner(skey)
		if err != nil {
			return a, err
		}
		signers = append(signers, signer)
	}
	a.Note, err = note.Sign(&note.Note{Text: string(q.Text)}, signers...)
	return a, err
}

func open(q question) (a answer, err error) {
	verifier, err := note.NewVerifier(q.Vkey)
	if err != nil {
		return a, err
	}
	n, err := note.Open(q.Note, note.VerifierList(verifier))
	if err != nil {
		return a, err
	}
	for _, s := range n.Sigs {
		a.Keys = append(a.Keys, fmt.Sprintf("%s+%08x", s.Name, s.Hash))
	}
	a.Text = []byte(n.Text)
	return a, nil
}
