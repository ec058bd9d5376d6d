// A witness (c2sp.org/tlog-witness) made of others' implementations: the Go project's notes and consistency proofs (golang.org/x/mod/sumdb) and the
// Transparency.dev project's cosignatures (github.com/transparency-dev/formats). For trying a city's signer against it; it remembers in memory alone.
//
//	go run ./witness ADDRESS NAME LOG-VKEY
//
// Prints the witness's own key, and a line for each checkpoint that it cosigned or refused.
package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type witness struct {
	lock   sync.Mutex
	log    note.Verifier
	signer note.Signer
	seen   tlog.Tree
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: go run ./witness ADDRESS NAME LOG-VKEY")
		os.Exit(1)
	}
	log := must(note.NewVerifier(os.Args[3]))
	secret, public, err := note.GenerateKey(rand.Reader, os.Args[2])
	if err != nil {
		panic(err)
	}
	signer := must(cosignature.NewSignerForCosignatureV1(secret))
	key := must(base64.StdEncoding.DecodeString(strings.SplitN(public, "+", 3)[2]))
	key[0] = 0x04
	fmt.Printf("%s+%08x+%s\n", os.Args[2], signer.KeyHash(), base64.StdEncoding.EncodeToString(key))
	own := &witness{log: log, signer: signer}
	http.HandleFunc("/add-checkpoint", own.add)
	panic(http.ListenAndServe(os.Args[1], nil))
}

func (own *witness) add(answer http.ResponseWriter, request *http.Request) {
	own.lock.Lock()
	defer own.lock.Unlock()
	body := must(io.ReadAll(io.LimitReader(request.Body, 1<<16)))
	status, text := own.judge(string(body))
	fmt.Printf("%d, %d entries\n", status, own.seen.N)
	if status == http.StatusConflict {
		answer.Header().Set("Content-Type", "text/x.tlog.size")
	}
	answer.WriteHeader(status)
	io.WriteString(answer, text)
}

func (own *witness) judge(body string) (int, string) {
	top, signed, isWhole := strings.Cut(body, "\n\n")
	lines := strings.Split(top, "\n")
	if !isWhole || !strings.HasPrefix(lines[0], "old ") {
		return http.StatusBadRequest, ""
	}
	old, err := strconv.ParseInt(lines[0][len("old "):], 10, 64)
	if err != nil {
		return http.StatusBadRequest, ""
	}
	var proof tlog.TreeProof
	for _, line := range lines[1:] {
		hash, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(hash) != tlog.HashSize {
			return http.StatusBadRequest, ""
		}
		proof = append(proof, tlog.Hash{})
		copy(proof[len(proof)-1][:], hash)
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(own.log))
	if err != nil {
		return http.StatusForbidden, ""
	}
	fields := strings.Split(opened.Text, "\n")
	if len(fields) < 3 || fields[0] != own.log.Name() {
		return http.StatusNotFound, ""
	}
	var next tlog.Tree
	next.N, err = strconv.ParseInt(fields[1], 10, 64)
	root, rootErr := base64.StdEncoding.DecodeString(fields[2])
	if err != nil || rootErr != nil || len(root) != tlog.HashSize || next.N < old {
		return http.StatusBadRequest, ""
	}
	copy(next.Hash[:], root)
	if old != own.seen.N {
		return http.StatusConflict, fmt.Sprintf("%d\n", own.seen.N)
	}
	if !continues(proof, own.seen, next) {
		return http.StatusUnprocessableEntity, ""
	}
	cosigned := must(note.Sign(&note.Note{Text: opened.Text}, own.signer))
	own.seen = next
	return http.StatusOK, string(cosigned[len(opened.Text)+1:])
}

func continues(proof tlog.TreeProof, old, next tlog.Tree) bool {
	switch {
	case old.N == 0:
		return len(proof) == 0
	case old.N == next.N:
		return len(proof) == 0 && old.Hash == next.Hash
	}
	return tlog.CheckTree(proof, next.N, next.Hash, old.N, old.Hash) == nil
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
