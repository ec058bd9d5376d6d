// The published log of a city, judged by the Go project's own implementation of notes, tiles and proofs (golang.org/x/mod/sumdb), and the cosignatures
// over it by the Transparency.dev project's (github.com/transparency-dev/formats). They share no line and no author with ours.
//
//	go run ./judge DIRECTORY VKEY [-earlier FILE]... [-receipt FILE]... [-witness VKEY]...
//
// DIRECTORY is the copy of one log that `azukari mirror` made. An earlier file is a checkpoint that was kept, a receipt one that a recipient or a resident
// was given; each witness named must have cosigned the checkpoint.
// Everything is accepted as it is; with any byte changed it is refused, or the same is believed as before. Exit code 0, or 1 and what was wrong.
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8
const tileWidth = 1 << tileHeight

type log struct {
	directory string
	verifiers note.Verifiers
	origin    string
	// Paths below the directory whose content is to be taken from here instead.
	changed map[string][]byte
}

type checkpoint struct {
	tlog.Tree
	text string
}

func main() {
	directory, vkey, earlier, receipts, witnesses := arguments(os.Args[1:])
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		fail("the key: %v", err)
	}
	own := &log{directory, note.VerifierList(verifier), verifier.Name(), map[string][]byte{}}
	signed := must(os.ReadFile(filepath.Join(directory, "checkpoint")))
	head, err := own.open(signed)
	if err != nil {
		fail("checkpoint: %v", err)
	}
	fmt.Printf("checkpoint: %d entries\n", head.N)
	if err := own.walk(head); err != nil {
		fail("%v", err)
	}
	fmt.Printf("entries and tiles: all %d stand under the root\n", head.N)
	for _, file := range earlier {
		before, err := own.open(must(os.ReadFile(file)))
		if err == nil {
			err = own.consistent(before, head)
		}
		if err != nil {
			fail("%s: %v", file, err)
		}
		fmt.Printf("%s: its %d entries are the first of these\n", file, before.N)
	}
	for _, file := range receipts {
		text := must(os.ReadFile(file))
		if err := own.receipt(text); err != nil {
			fail("%s: %v", file, err)
		}
		fmt.Printf("%s: stands under its checkpoint\n", file)
	}
	for _, witness := range witnesses {
		if !own.cosigned(signed, witness) {
			fail("checkpoint: not cosigned by %s", witness.Name())
		}
		fmt.Printf("checkpoint: cosigned by %s\n", witness.Name())
	}
	own.changes(signed, head, receipts, witnesses)
}

// Does the note hold the log's signature and this witness's?
func (own *log) cosigned(signed []byte, witness note.Verifier) bool {
	if _, err := own.open(signed); err != nil {
		return false
	}
	opened, err := note.Open(signed, note.VerifierList(witness))
	return err == nil && len(opened.Sigs) == 1
}

// The verifier of a witness from its own key, of type 0x04, which the library of that time wants as one of type 0x01.
func witnessOf(vkey string) note.Verifier {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		fail("no key: %s", vkey)
	}
	key := must(base64.StdEncoding.DecodeString(parts[2]))
	if len(key) != 33 || key[0] != 0x04 {
		fail("no key of a witness: %s", vkey)
	}
	plain := must(note.NewEd25519VerifierKey(parts[0], ed25519.PublicKey(key[1:])))
	witness := must(cosignature.NewVerifierForCosignatureV1(plain))
	if fmt.Sprintf("%08x", witness.KeyHash()) != parts[1] {
		fail("the id of %s is not that of its key", vkey)
	}
	return witness
}

func arguments(args []string) (directory, vkey string, earlier, receipts []string, witnesses []note.Verifier) {
	for len(args) > 0 {
		switch {
		case args[0] == "-earlier" && len(args) > 1:
			earlier, args = append(earlier, args[1]), args[2:]
		case args[0] == "-receipt" && len(args) > 1:
			receipts, args = append(receipts, args[1]), args[2:]
		case args[0] == "-witness" && len(args) > 1:
			witnesses, args = append(witnesses, witnessOf(args[1])), args[2:]
		case directory == "":
			directory, args = args[0], args[1:]
		case vkey == "":
			vkey, args = args[0], args[1:]
		default:
			fail("what is %s?", args[0])
		}
	}
	if vkey == "" {
		fail("usage: go run ./judge DIRECTORY VKEY [-earlier FILE]... [-receipt FILE]... [-witness VKEY]...")
	}
	return
}

// Opens a signed checkpoint (c2sp.org/tlog-checkpoint): origin, size, root, and nothing else.
func (own *log) open(signed []byte) (*checkpoint, error) {
	opened, err := note.Open(signed, own.verifiers)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != own.origin || lines[3] != "" {
		return nil, fmt.Errorf("not a checkpoint of %s", own.origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] {
		return nil, fmt.Errorf("the size is no number")
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return nil, fmt.Errorf("the root is no hash")
	}
	var hash tlog.Hash
	copy(hash[:], root)
	return &checkpoint{tlog.Tree{N: size, Hash: hash}, opened.Text}, nil
}

// Reads every entry, and holds it against the tiles, which are held against the root.
func (own *log) walk(head *checkpoint) error {
	for n := int64(0); n*tileWidth < head.N; n++ {
		if err := own.bundle(head, n); err != nil {
			return err
		}
	}
	return nil
}

func (own *log) bundle(head *checkpoint, n int64) error {
	width := min(tileWidth, head.N-n*tileWidth)
	entries, err := own.entries(n, width)
	if err != nil {
		return err
	}
	indexes := make([]int64, width)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, n*tileWidth+int64(i))
	}
	hashes, err := tlog.TileHashReader(head.Tree, own).ReadHashes(indexes)
	if err != nil {
		return fmt.Errorf("entries %d and on: %v", n*tileWidth, err)
	}
	for i, entry := range entries {
		if tlog.RecordHash(entry) != hashes[i] {
			return fmt.Errorf("entry %d is not the one in the tile", n*tileWidth+int64(i))
		}
	}
	return nil
}

// A bundle of entries (c2sp.org/tlog-tiles): each behind its length in two bytes.
func (own *log) entries(n, width int64) ([][]byte, error) {
	content, err := own.read(path("entries", n, width))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for int64(len(entries)) < width {
		if len(content) < 2 || len(content) < 2+int(binary.BigEndian.Uint16(content)) {
			return nil, fmt.Errorf("bundle %d is cut off", n)
		}
		end := 2 + int(binary.BigEndian.Uint16(content))
		entries, content = append(entries, content[2:end]), content[end:]
	}
	if len(content) > 0 {
		return nil, fmt.Errorf("something stands behind bundle %d", n)
	}
	return entries, nil
}

// The tiles that tlog asks for (tlog.TileReader).
func (own *log) Height() int { return tileHeight }

func (own *log) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		content, err := own.read(path(strconv.Itoa(tile.L), tile.N, int64(tile.W)))
		if err != nil {
			return nil, err
		}
		all = append(all, content)
	}
	return all, nil
}

func (own *log) SaveTiles([]tlog.Tile, [][]byte) {}

func (own *log) read(place string) ([]byte, error) {
	if content, isChanged := own.changed[place]; isChanged {
		return content, nil
	}
	return os.ReadFile(filepath.Join(own.directory, place))
}

// As c2sp.org/tlog-tiles spells it: digits in groups of three, all but the last behind an x, and the width of a tile that is not full.
func path(level string, n, width int64) string {
	place := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		place = fmt.Sprintf("x%03d/%s", n%1000, place)
	}
	if width < tileWidth {
		place += fmt.Sprintf(".p/%d", width)
	}
	return "tile/" + level + "/" + place
}

// Proves from the tiles that the one tree begins with the other, and checks the proof.
func (own *log) consistent(before, after *checkpoint) error {
	if before.N == 0 {
		return nil
	}
	proof, err := tlog.ProveTree(after.N, before.N, tlog.TileHashReader(after.Tree, own))
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, after.N, after.Hash, before.N, before.Hash)
}

// A receipt (entry, proof): the proof is a c2sp.org/tlog-proof.
func (own *log) receipt(text []byte) error {
	var receipt struct{ Entry, Proof string }
	if err := json.Unmarshal(text, &receipt); err != nil {
		return err
	}
	top, signed, isWhole := strings.Cut(receipt.Proof, "\n\n")
	lines := strings.Split(top, "\n")
	if !isWhole || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return fmt.Errorf("no proof")
	}
	index, err := strconv.ParseInt(lines[1][len("index "):], 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(hash) != tlog.HashSize {
			return fmt.Errorf("no hash: %s", line)
		}
		proof = append(proof, tlog.Hash{})
		copy(proof[len(proof)-1][:], hash)
	}
	head, err := own.open([]byte(signed))
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, head.N, head.Hash, index, tlog.RecordHash([]byte(receipt.Entry)))
}

// Each byte of the checkpoint, of the first and of the last bundle with all tiles over them, and of each receipt's entry and proof, changed.
func (own *log) changes(signed []byte, head *checkpoint, receipts []string, witnesses []note.Verifier) {
	wanted := must(own.believed(signed))
	count := each(signed, func(altered []byte) bool {
		got, err := own.believed(altered)
		return err == nil && got != wanted
	}, "checkpoint")
	for _, witness := range witnesses {
		// Of the text and of the witness's own line; of another's line a verifier of this witness takes no notice.
		line := strings.LastIndex(string(signed), "\n\u2014 "+witness.Name()+" ") + 1
		end := line + strings.Index(string(signed[line:]), "\n")
		ours := append(append([]byte(head.text), '\n'), signed[line:end+1]...)
		count += each(ours, func(altered []byte) bool {
			_, err := note.Open(altered, note.VerifierList(witness))
			return err == nil
		}, "cosignature of "+witness.Name())
	}
	for _, n := range []int64{0, (head.N - 1) / tileWidth} {
		width := min(tileWidth, head.N-n*tileWidth)
		places := []string{path("entries", n, width)}
		for level, above := 0, n; head.N>>(tileHeight*level) > 0; level, above = level+1, above/tileWidth {
			places = append(places, path(strconv.Itoa(level), above, min(tileWidth, head.N>>(tileHeight*level)-above*tileWidth)))
		}
		for _, place := range places {
			if _, err := own.read(place); err != nil {
				continue // The newest entries have no tile above them yet.
			}
			count += each(must(own.read(place)), func(altered []byte) bool {
				own.changed[place] = altered
				defer delete(own.changed, place)
				return own.bundle(head, n) == nil
			}, place)
		}
	}
	for _, file := range receipts {
		var receipt map[string]any
		if err := json.Unmarshal(must(os.ReadFile(file)), &receipt); err != nil {
			fail("%s: %v", file, err)
		}
		for _, part := range []string{"entry", "proof"} {
			whole := receipt[part].(string)
			count += each([]byte(whole), func(altered []byte) bool {
				receipt[part] = string(altered)
				text := must(json.Marshal(receipt))
				receipt[part] = whole
				return own.receipt(text) == nil && !(part == "proof" && own.isSameProof(whole, string(altered)))
			}, file+" "+part)
		}
	}
	fmt.Printf("changes of one byte: %d, each refused or without effect on what is believed\n", count)
}

// What a signed checkpoint says to whoever knows the log's key: the text, and the bytes of the log's signature. Of other keys' lines, and of how the bytes
// are spelled, note.Open takes no notice.
func (own *log) believed(signed []byte) (string, error) {
	if _, err := own.open(signed); err != nil {
		return "", err
	}
	opened := must(note.Open(signed, own.verifiers))
	said := opened.Text
	for _, signature := range opened.Sigs {
		said += hex.EncodeToString(must(base64.StdEncoding.DecodeString(signature.Base64)))
	}
	return said, nil
}

// Is all but the checkpoint unchanged, and of that what is believed?
func (own *log) isSameProof(whole, altered string) bool {
	end := strings.Index(whole, "\n\n") + 2
	if len(altered) != len(whole) || altered[:end] != whole[:end] {
		return false
	}
	wanted, err := own.believed([]byte(whole[end:]))
	got, changedErr := own.believed([]byte(altered[end:]))
	return err == nil && changedErr == nil && got == wanted
}

// Calls accepts with each byte changed in its lowest bit and in its highest; none may be accepted.
func each(content []byte, accepts func([]byte) bool, what string) int {
	for place := range content {
		for _, bit := range []byte{0x01, 0x80} {
			altered := append([]byte(nil), content...)
			altered[place] ^= bit
			if accepts(altered) {
				fail("%s: accepted with byte %d changed", what, place)
			}
		}
	}
	return 2 * len(content)
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

func must[T any](value T, err error) T {
	if err != nil {
		fail("%v", err)
	}
	return value
}

func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}
