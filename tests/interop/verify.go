// verify checks Custos evidence logs with nothing of Custos: Go's own sumdb/note and sumdb/tlog, as Debian packages them
// (golang-go, golang-golang-x-mod-dev), and the standard library. It was written from docs/formats/ alone.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o verify verify.go
//	verify log -vkey KEY DIR                      every tile and entry of log/ against the signed root
//	verify checkpoint -vkey KEY FILE              one signed checkpoint
//	verify proof -vkey KEY FILE.tlog-proof ENTRY  one entry, without the log
//	verify consistency -vkey KEY OLD NEW PROOF    that one checkpoint grew from another; PROOF holds a base64 hash a line
//	verify cosignature -witness VKEY FILE         a witness's cosignature (type 0x04) on a checkpoint
//	verify open -key HEX -origin O -leaf N FILE   sealed bytes (Cobblestone-256), plaintext to standard output; with -part P a part of a recording
//	verify bag -vkey KEY [-witness VKEY] DIR      data/operations/NAME of a bag: proofs, contents, recordings, orders, anchors, custody events
//	verify notes -vkey KEY FILE                   a verdict for each line of base64 notes
//	verify flips -vkey KEY DIR                    every bit of every file that "log" reads, changed in turn: prints those accepted
//
// Exit 0: holds. 1: does not. 2: wrong use.
package main

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

// parseCheckpoint reads C2SP tlog-checkpoint, which is not the format of tlog.ParseTree.
func parseCheckpoint(text string) (checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[len(lines)-1] != "" || lines[0] == "" {
		return checkpoint{}, errors.New("checkpoint: origin, size and root, one a line")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return checkpoint{}, errors.New("checkpoint: size")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return checkpoint{}, err
	}
	return checkpoint{lines[0], size, root}, nil
}

func openCheckpoint(data []byte, vkey string) (checkpoint, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return checkpoint{}, err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return checkpoint{}, err
	}
	found, err := parseCheckpoint(opened.Text)
	if err == nil && found.origin != verifier.Name() {
		err = errors.New("checkpoint: another log's origin")
	}
	return found, err
}

// files are read through here, so that "flips" can change them.
type files func(path string) ([]byte, error)

// path of C2SP tlog-tiles, which is not that of tlog.Tile.Path.
func path(level string, n int64, width int) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	s = "tile/" + level + "/" + s
	if width < 256 {
		s = fmt.Sprintf("%s.p/%d", s, width)
	}
	return s
}

func readTile(read files, level string, n int64, width int) ([]byte, error) {
	data, err := read(path(level, n, width))
	if err != nil && width < 256 {
		return read(path(level, n, 256))
	}
	return data, err
}

type tiles struct{ read files }

func (t tiles) Height() int { return 8 }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		data, err := readTile(t.read, strconv.Itoa(tile.L), tile.N, tile.W)
		if err != nil {
			return nil, err
		}
		if len(data) < tile.W*tlog.HashSize || (len(data) != tile.W*tlog.HashSize && len(data) != 256*tlog.HashSize) {
			return nil, fmt.Errorf("tile %d/%d: %d bytes", tile.L, tile.N, len(data))
		}
		all = append(all, data[:tile.W*tlog.HashSize])
	}
	return all, nil
}

// entries parts a bundle: uint16 length, entry.
func entries(read files, n int64, width int) ([][]byte, error) {
	data, err := readTile(read, "entries", n, width)
	if err != nil {
		return nil, err
	}
	var all [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("entry bundle %d: cut off", n)
		}
		length := int(binary.BigEndian.Uint16(data))
		all = append(all, data[2:2+length])
		data = data[2+length:]
	}
	if len(all) != width && len(all) != 256 {
		return nil, fmt.Errorf("entry bundle %d: %d entries", n, len(all))
	}
	return all[:width], nil
}

// verifyLog: each entry's hash is read through TileHashReader, which checks every tile on its way up to the signed root.
func verifyLog(read files, vkey string) (checkpoint, error) {
	data, err := read("checkpoint")
	if err != nil {
		return checkpoint{}, err
	}
	found, err := openCheckpoint(data, vkey)
	if err != nil {
		return found, err
	}
	if found.size == 0 {
		// tlog.TreeHash gives zeros for the empty tree; RFC 6962 says SHA-256 of nothing.
		if found.root != tlog.Hash(sha256.Sum256(nil)) {
			return found, errors.New("root of the empty tree")
		}
		return found, nil
	}
	reader := tlog.TileHashReader(tlog.Tree{N: found.size, Hash: found.root}, tiles{read})
	root, err := tlog.TreeHash(found.size, reader)
	if err != nil {
		return found, err
	}
	if root != found.root {
		return found, errors.New("the root does not follow from the tiles")
	}
	for n := int64(0); n*256 < found.size; n++ {
		width := 256
		if found.size-n*256 < 256 {
			width = int(found.size - n*256)
		}
		bundle, err := entries(read, n, width)
		if err != nil {
			return found, err
		}
		indices := make([]int64, width)
		for i := range indices {
			indices[i] = tlog.StoredHashIndex(0, n*256+int64(i))
		}
		hashes, err := reader.ReadHashes(indices)
		if err != nil {
			return found, err
		}
		for i, entry := range bundle {
			if tlog.RecordHash(entry) != hashes[i] {
				return found, fmt.Errorf("entry %d does not hash to its leaf", n*256+int64(i))
			}
		}
	}
	// Tiles above the bottom that no entry's path needed.
	for level, size := 1, found.size>>8; size > 0; level, size = level+1, size>>8 {
		for n := int64(0); n*256 < size; n++ {
			width := 256
			if size-n*256 < 256 {
				width = int(size - n*256)
			}
			data, err := readTile(read, strconv.Itoa(level), n, width)
			if err != nil || len(data) < width*tlog.HashSize {
				return found, fmt.Errorf("tile %d/%d: %v", level, n, err)
			}
			for i := 0; i < width; i++ {
				want, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(level*8, n*256+int64(i))})
				if err != nil {
					return found, err
				}
				if !bytes.Equal(want[0][:], data[i*tlog.HashSize:(i+1)*tlog.HashSize]) {
					return found, fmt.Errorf("tile %d/%d: hash %d", level, n, i)
				}
			}
		}
	}
	return found, nil
}

func under(dir string) files {
	return func(path string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, path)) }
}

func verifyProof(data, entry []byte, vkey string) (checkpoint, int64, error) {
	split := bytes.Index(data, []byte("\n\n"))
	if split < 0 {
		return checkpoint{}, 0, errors.New("proof: no checkpoint")
	}
	lines := strings.Split(string(data[:split]), "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return checkpoint{}, 0, errors.New("proof: first line")
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return checkpoint{}, 0, errors.New("proof: no index")
	}
	index, err := strconv.ParseInt(lines[0][6:], 10, 64)
	if err != nil {
		return checkpoint{}, 0, err
	}
	proof, err := hashes(lines[1:])
	if err != nil {
		return checkpoint{}, 0, err
	}
	found, err := openCheckpoint(data[split+2:], vkey)
	if err != nil {
		return found, index, err
	}
	return found, index, tlog.CheckRecord(proof, found.size, found.root, index, tlog.RecordHash(entry))
}

func hashes(lines []string) ([]tlog.Hash, error) {
	var all []tlog.Hash
	for _, line := range lines {
		if line == "" {
			continue
		}
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		all = append(all, hash)
	}
	return all, nil
}

// witness is a note.Verifier for C2SP tlog-cosignature, type 0x04.
type witness struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.id }

func (w witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(sig)
	if time == 0 || time > 1<<63-1 {
		return false
	}
	return ed25519.Verify(w.key, append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", time)), msg...), sig[8:])
}

func newWitness(vkey string) (witness, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return witness{}, errors.New("vkey: name+id+key")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != 4 {
		return witness{}, errors.New("vkey: not a cosigner's")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	if hex.EncodeToString(sum[:4]) != parts[1] {
		return witness{}, errors.New("vkey: id")
	}
	return witness{parts[0], binary.BigEndian.Uint32(sum[:4]), key[1:]}, nil
}

// open is C2SP chunked-encryption, instance Cobblestone-256.
func open(key, context, sealed []byte) ([]byte, error) {
	const chunk = 16384
	if len(sealed) < 72 || (len(sealed)-56)%(chunk+16) < 16 {
		return nil, errors.New("sealed: cut off")
	}
	info := append([]byte("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"), sealed[:24]...)
	info = append(info, context...)
	mac := func(parts ...[]byte) []byte {
		h := hmac.New(sha512.New, key)
		for _, part := range parts {
			h.Write(part)
		}
		return h.Sum(nil)
	}
	first := mac(info, []byte{1})
	derived := append(first, mac(first, info, []byte{2})...)
	if !hmac.Equal(derived[44:76], sealed[24:56]) {
		return nil, errors.New("sealed: another key or place")
	}
	block, err := aes.NewCipher(derived[:32])
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	var plain []byte
	rest := sealed[56:]
	for k := uint64(0); ; k++ {
		size := chunk + 16
		if len(rest) < size {
			size = len(rest)
		}
		nonce := append([]byte{}, derived[32:44]...)
		binary.BigEndian.PutUint64(nonce[4:], binary.BigEndian.Uint64(nonce[4:])^k)
		opened, err := aead.Open(nil, nonce, rest[:size], nil)
		if err != nil {
			return nil, err
		}
		plain = append(plain, opened...)
		if rest = rest[size:]; size < chunk+16 {
			return plain, nil
		}
	}
}

// entry is what docs/formats/log-entry.md says of a leaf.
type entry struct {
	V      int     `json:"v"`
	Kind   string  `json:"kind"`
	At     string  `json:"at"`
	Actor  string  `json:"actor"`
	About  []int64 `json:"about"`
	Size   int64   `json:"size"`
	Sha256 string  `json:"sha256"`
}

func exhibitName(index int64) string { return fmt.Sprintf("EX-%08d", index) }

func exhibitNumber(name string) (int64, error) {
	index, err := strconv.ParseInt(strings.TrimPrefix(name, "EX-"), 10, 64)
	if err != nil || exhibitName(index) != name {
		return 0, fmt.Errorf("%q is no exhibit number", name)
	}
	return index, nil
}

func committed(e entry, salt, content []byte) error {
	sum := sha256.Sum256(append(append([]byte{}, salt...), content...))
	if len(salt) != 32 || int64(len(content)) != e.Size || hex.EncodeToString(sum[:]) != e.Sha256 {
		return errors.New("salt and content do not match the commitment in the entry")
	}
	return nil
}

// verifyBag checks one operation's folder of a bag (docs/formats/bag.md). That no file changed since it was bagged is sha256sum's to say.
func verifyBag(dir, vkey, cosigner string) error {
	var wrong []string
	fail := func(where string, err error) { wrong = append(wrong, where+": "+err.Error()) }
	data, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	found, err := openCheckpoint(data, vkey)
	if err != nil {
		return err
	}
	cosigned := func(data []byte) error {
		if cosigner == "" {
			return nil
		}
		verifier, err := newWitness(cosigner)
		if err != nil {
			return err
		}
		_, err = note.Open(data, note.VerifierList(verifier))
		return err
	}
	seen := cosigned(data) == nil

	folders, err := os.ReadDir(filepath.Join(dir, "exhibits"))
	if err != nil {
		return err
	}
	entries := map[int64]entry{}
	contents := map[int64][]byte{}
	deleted := map[int64]int64{}
	for _, folder := range folders {
		name := folder.Name()
		at := filepath.Join(dir, "exhibits", name)
		number, err := exhibitNumber(name)
		if err != nil {
			fail(name, err)
			continue
		}
		leaf, err := os.ReadFile(filepath.Join(at, "entry.json"))
		if err != nil {
			fail(name, err)
			continue
		}
		proof, err := os.ReadFile(filepath.Join(at, name+".tlog-proof"))
		if err != nil {
			fail(name, err)
			continue
		}
		proved, index, err := verifyProof(proof, leaf, vkey)
		if err == nil && (index != number || proved != found) {
			err = errors.New("the proof is of another number or checkpoint")
		}
		if err != nil {
			fail(name, err)
		}
		var e entry
		if err := json.Unmarshal(leaf, &e); err != nil {
			fail(name, err)
			continue
		}
		entries[number] = e
		if order, err := os.ReadFile(filepath.Join(at, "deleted.txt")); err == nil {
			if deleted[number], err = exhibitNumber(strings.TrimSuffix(string(order), "\n")); err != nil {
				fail(name, err)
			}
			continue
		}
		if e.Kind == "recording.part" {
			continue
		}
		salt, err := os.ReadFile(filepath.Join(at, "salt.bin"))
		if err != nil {
			fail(name, err)
			continue
		}
		content, err := os.ReadFile(filepath.Join(at, "content.bin"))
		if err == nil {
			err = committed(e, salt, content)
		}
		if err != nil {
			fail(name, err)
			continue
		}
		contents[number] = content
	}

	for number, order := range deleted {
		var custody struct{ Exhibits []int64 }
		err := json.Unmarshal(contents[order], &custody)
		listed := false
		for _, one := range custody.Exhibits {
			e := entries[number]
			listed = listed || one == number || (strings.HasPrefix(e.Kind, "recording.") && len(e.About) == 1 && e.About[0] == one)
		}
		if err != nil || entries[order].Kind != "custody.deletion-ordered" || !listed {
			fail(exhibitName(number), fmt.Errorf("deleted, and %s is no order that lists it", exhibitName(order)))
		}
	}

	list, err := os.ReadFile(filepath.Join(dir, "custody", "events.jsonl"))
	if err != nil {
		fail("custody", err)
	}
	events := map[int64]bool{}
	for _, line := range bytes.Split(bytes.TrimSuffix(list, []byte("\n")), []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var said struct {
			Exhibit, Kind, At, Actor string
			Event                    json.RawMessage
		}
		if err := json.Unmarshal(line, &said); err != nil {
			fail("events.jsonl", err)
			continue
		}
		number, err := exhibitNumber(said.Exhibit)
		e, known := entries[number]
		if err != nil || !known || e.Kind != said.Kind || e.At != said.At || e.Actor != said.Actor || (string(said.Event) != "null" && !bytes.Equal(said.Event, contents[number])) {
			fail("events.jsonl", fmt.Errorf("%s is not what its exhibit says", said.Exhibit))
		}
		events[number] = true
	}
	for number, e := range entries {
		if strings.HasPrefix(e.Kind, "custody.") && !events[number] {
			fail("events.jsonl", fmt.Errorf("%s is left out", exhibitName(number)))
		}
	}

	elsewhere := 0
	recordings, _ := os.ReadDir(filepath.Join(dir, "recordings"))
	for _, folder := range recordings {
		more, err := verifyRecording(dir, folder.Name(), entries, contents)
		if err != nil {
			fail(folder.Name(), err)
		}
		elsewhere += more
	}

	anchors, _ := os.ReadDir(filepath.Join(dir, "anchors"))
	for _, folder := range anchors {
		at := filepath.Join(dir, "anchors", folder.Name())
		data, err := os.ReadFile(filepath.Join(at, "checkpoint"))
		if err != nil {
			fail(folder.Name(), err)
			continue
		}
		older, err := openCheckpoint(data, vkey)
		if err != nil {
			fail(folder.Name(), err)
			continue
		}
		path, err := os.ReadFile(filepath.Join(at, "consistency"))
		if err == nil {
			var proof []tlog.Hash
			if proof, err = hashes(strings.Split(string(path), "\n")); err == nil {
				err = tlog.CheckTree(proof, found.size, found.root, older.size, older.root)
			}
		}
		if err != nil {
			fail(folder.Name(), err)
			continue
		}
		seen = seen || cosigned(data) == nil
	}
	if cosigner != "" && !seen {
		fail("checkpoint", errors.New("the witness cosigned neither it nor an earlier one"))
	}

	// A file that nothing above looked at would borrow the credit of those that were proved.
	filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		relative, _ := filepath.Rel(dir, path)
		if info.Mode()&os.ModeSymlink != 0 || !belongs(strings.Split(relative, "/")) {
			fail(relative, errors.New("no such file belongs in a bag"))
		}
		return nil
	})

	sort.Strings(wrong)
	for _, one := range wrong {
		fmt.Println(one)
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%d things are wrong", len(wrong))
	}
	fmt.Printf("%s %d %s: %d exhibits, %d contents, %d deleted, %d custody events, %d anchors, %d parts elsewhere\n",
		found.origin, found.size, found.root, len(entries), len(contents), len(deleted), len(events), len(anchors), elsewhere)
	return nil
}

// belongs says whether docs/formats/bag.md has a file of this name in an operation's folder; what is in log/ is for "log" to check.
func belongs(steps []string) bool {
	name := steps[len(steps)-1]
	switch {
	case len(steps) == 1:
		return name == "policy" || name == "checkpoint"
	case steps[0] == "log":
		return true
	case steps[0] == "custody" && len(steps) == 2:
		return name == "events.jsonl" || strings.HasSuffix(name, ".html")
	case steps[0] == "anchors" && len(steps) == 3:
		return name == "checkpoint" || name == "consistency" || strings.HasSuffix(name, ".tsq") || strings.HasSuffix(name, ".tsr") || strings.HasSuffix(name, ".pem")
	case steps[0] == "exhibits" && len(steps) == 3:
		return name == "entry.json" || name == "salt.bin" || name == "content.bin" || name == "deleted.txt" || name == "rendering.txt" || name == steps[1]+".tlog-proof"
	case steps[0] == "recordings" && len(steps) == 3:
		return name == "parts.txt" || strings.HasPrefix(name, "media.")
	}
	return false
}

// verifyRecording checks parts.txt, and the joined bytes if they are in the bag; it answers how many parts are not.
func verifyRecording(dir, name string, entries map[int64]entry, contents map[int64][]byte) (int, error) {
	opening, err := exhibitNumber(name)
	if err != nil {
		return 0, err
	}
	list, err := os.ReadFile(filepath.Join(dir, "recordings", name, "parts.txt"))
	if err != nil {
		return 0, err
	}
	media, _ := filepath.Glob(filepath.Join(dir, "recordings", name, "media.*"))
	if len(media) > 1 {
		return 0, errors.New("a second file stands beside its bytes")
	}
	var joined []byte
	if len(media) == 1 {
		if joined, err = os.ReadFile(media[0]); err != nil {
			return 0, err
		}
	}
	whole := sha256.Sum256(joined)
	count := 0
	last := -1
	for _, line := range strings.Split(strings.TrimSuffix(string(list), "\n"), "\n") {
		if line == "" {
			continue
		}
		var part int
		var size int64
		var exhibit string
		if _, err := fmt.Sscanf(line, "%d %d %s", &part, &size, &exhibit); err != nil || part <= last {
			return 0, fmt.Errorf("parts.txt: %q", line)
		}
		last = part
		count++
		number, err := exhibitNumber(exhibit)
		if err != nil {
			return 0, err
		}
		e, known := entries[number]
		if !known || e.Kind != "recording.part" || len(e.About) != 1 || e.About[0] != opening || e.Size != size {
			return 0, fmt.Errorf("%s is no part of it with this size", exhibit)
		}
		if len(media) == 0 {
			continue
		}
		salt, err := os.ReadFile(filepath.Join(dir, "exhibits", exhibit, "salt.bin"))
		if err != nil {
			return 0, err
		}
		if int64(len(joined)) < size {
			return 0, errors.New("its bytes end before its parts do")
		}
		if err := committed(e, salt, joined[:size]); err != nil {
			return 0, fmt.Errorf("%s: %v", exhibit, err)
		}
		joined = joined[size:]
	}
	for number, e := range entries {
		if e.Kind != "recording.closed" || len(e.About) != 1 || e.About[0] != opening || contents[number] == nil {
			continue
		}
		var closing struct {
			Parts  int
			Sha256 string
		}
		if err := json.Unmarshal(contents[number], &closing); err != nil || closing.Parts != count || (len(media) == 1 && closing.Sha256 != hex.EncodeToString(whole[:])) {
			return 0, errors.New("it is not what its closing says")
		}
	}
	if len(media) == 1 {
		if len(joined) > 0 {
			return 0, errors.New("bytes follow its last part")
		}
		return 0, nil
	}
	return count, nil
}

func notes(name, vkey string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 4<<20)
	for scanner.Scan() {
		data, err := base64.StdEncoding.DecodeString(scanner.Text())
		if err != nil {
			return err
		}
		_, err = note.Open(data, note.VerifierList(verifier))
		var wrong *note.InvalidSignatureError
		var unknown *note.UnverifiedNoteError
		switch {
		case err == nil:
			fmt.Println("ok")
		case errors.As(err, &wrong):
			fmt.Println("invalid-signature")
		case errors.As(err, &unknown):
			fmt.Println("unverified")
		default:
			fmt.Println("malformed")
		}
	}
	return scanner.Err()
}

func flips(dir, vkey string) error {
	read := map[string][]byte{}
	if _, err := verifyLog(func(path string) ([]byte, error) {
		data, err := under(dir)(path)
		if err == nil {
			read[path] = data
		}
		return data, err
	}, vkey); err != nil {
		return err
	}
	var names []string
	for name := range read {
		names = append(names, name)
	}
	sort.Strings(names)
	count := 0
	for _, name := range names {
		for i := range read[name] {
			for bit := 0; bit < 8; bit++ {
				read[name][i] ^= 1 << bit
				_, err := verifyLog(func(path string) ([]byte, error) {
					if data, ok := read[path]; ok {
						return data, nil
					}
					return nil, os.ErrNotExist
				}, vkey)
				read[name][i] ^= 1 << bit
				count++
				if err == nil {
					fmt.Printf("accepted %s %d %d\n", name, i, bit)
				}
			}
		}
	}
	fmt.Printf("changed %d bits of %d files\n", count, len(names))
	return nil
}

func run(command string, args []string) error {
	flags := flag.NewFlagSet(command, flag.ExitOnError)
	vkey := flags.String("vkey", "", "the log's key")
	cosigner := flags.String("witness", "", "the witness's key")
	key := flags.String("key", "", "input key, hex")
	origin := flags.String("origin", "", "the log's origin")
	leaf := flags.Uint64("leaf", 0, "leaf index; of the opening exhibit with -part")
	part := flags.Int64("part", -1, "part of a recording")
	flags.Parse(args)
	data := make([][]byte, flags.NArg())
	if command != "log" && command != "bag" && command != "flips" && command != "notes" {
		for i, name := range flags.Args() {
			var err error
			if data[i], err = os.ReadFile(name); err != nil {
				return err
			}
		}
	}
	said := func(found checkpoint, err error) error {
		if err == nil {
			fmt.Printf("%s %d %s\n", found.origin, found.size, found.root)
		}
		return err
	}
	switch {
	case command == "log" && flags.NArg() == 1:
		return said(verifyLog(under(flags.Arg(0)), *vkey))
	case command == "bag" && flags.NArg() == 1:
		return verifyBag(flags.Arg(0), *vkey, *cosigner)
	case command == "flips" && flags.NArg() == 1:
		return flips(flags.Arg(0), *vkey)
	case command == "notes" && flags.NArg() == 1:
		return notes(flags.Arg(0), *vkey)
	case command == "checkpoint" && flags.NArg() == 1:
		return said(openCheckpoint(data[0], *vkey))
	case command == "proof" && flags.NArg() == 2:
		found, index, err := verifyProof(data[0], data[1], *vkey)
		if err == nil {
			fmt.Printf("%s %d at %d\n", found.origin, index, found.size)
		}
		return err
	case command == "consistency" && flags.NArg() == 3:
		older, err := openCheckpoint(data[0], *vkey)
		if err != nil {
			return err
		}
		newer, err := openCheckpoint(data[1], *vkey)
		if err != nil {
			return err
		}
		proof, err := hashes(strings.Split(string(data[2]), "\n"))
		if err != nil {
			return err
		}
		return said(newer, tlog.CheckTree(proof, newer.size, newer.root, older.size, older.root))
	case command == "cosignature" && flags.NArg() == 1:
		verifier, err := newWitness(*cosigner)
		if err != nil {
			return err
		}
		opened, err := note.Open(data[0], note.VerifierList(verifier))
		if err != nil {
			return err
		}
		return said(parseCheckpoint(opened.Text))
	case command == "open" && flags.NArg() == 1:
		secret, err := hex.DecodeString(*key)
		if err != nil {
			return err
		}
		kind := "custos/content/v1"
		if *part >= 0 {
			kind = "custos/part/v1"
		}
		context := append([]byte(kind+"\x00"+*origin+"\x00"), make([]byte, 8)...)
		binary.BigEndian.PutUint64(context[len(context)-8:], *leaf)
		if *part >= 0 {
			context = append(context, make([]byte, 4)...)
			binary.BigEndian.PutUint32(context[len(context)-4:], uint32(*part))
		}
		plain, err := open(secret, context, data[0])
		if err == nil {
			os.Stdout.Write(plain)
		}
		return err
	}
	fmt.Fprintln(os.Stderr, "usage: verify log|checkpoint|proof|consistency|cosignature|open|bag|notes|flips ...: see the head of verify.go")
	os.Exit(2)
	return nil
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: verify log|checkpoint|proof|consistency|cosignature|open|bag|notes|flips ...: see the head of verify.go")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "NOT VERIFIED:", err)
		os.Exit(1)
	}
}
