package features

import (
	"strings"
	"unicode"
)

// Seniorities of a job title.
const (
	seniorityUnknown  = "unknown"
	seniorityStaff    = "staff"
	senioritySenior   = "senior"
	seniorityManager  = "manager"
	seniorityJunior   = "junior"
	seniorityDirector = "director"
	seniorityVP       = "vp"
	seniorityC        = "c-level"
	seniorityOwner    = "owner/founder"
	seniorityStudent  = "student/intern"
)

// titleRank says which seniority a title has that names several: a senior vice president is a
// vice president, a junior manager is a junior, a managing intern an intern.
var titleRank = map[string]int{seniorityStaff: 1, senioritySenior: 2, seniorityManager: 3, seniorityJunior: 4,
	seniorityDirector: 5, seniorityVP: 6, seniorityC: 7, seniorityOwner: 8, seniorityStudent: 9}

const (
	departmentOther     = "other"
	departmentExecutive = "executive" // only where no other department is named
)

// titleWord is what a word or phrase of a title says; "" says nothing of that sort.
type titleWord struct{ seniority, department string }

const (
	// longestTitle is the bytes of a title that are read, after folding; what follows is not looked at.
	longestTitle = 256
	// titlePhrase is the greatest number of words in a phrase of the table.
	titlePhrase = 4
)

// classifyTitle returns the seniority and the department of a job title in English, Spanish, German or
// French. Letters are folded (case, accents), signs part words. At every word the longest phrase
// of the table is taken, so that "vice president" is not a president; a word that the table
// lacks is tried as a compound (Vertriebsleiterin). It allocates nothing.
func classifyTitle(title string) (seniority, department string) {
	var buffer [longestTitle + 8]byte
	text := foldTitle(buffer[:0], title)
	seniority, department = seniorityUnknown, departmentOther
	for at := 0; at < len(text); {
		word, next := titleHit(text[at:])
		if titleRank[word.seniority] > titleRank[seniority] {
			seniority = word.seniority
		}
		if word.department != "" && (department == departmentOther || department == departmentExecutive && word.department != departmentExecutive) {
			department = word.department
		}
		at += next
	}
	return seniority, department
}

// titleHit returns what the table says of the longest phrase at the front of a folded title, and where
// the word after it begins.
func titleHit(text []byte) (titleWord, int) {
	var ends [titlePhrase]int
	n := 0
	for i := 0; i <= len(text) && n < titlePhrase; i++ {
		if i == len(text) || text[i] == ' ' {
			ends[n] = i
			n++
		}
	}
	for k := n - 1; k >= 0; k-- {
		if w, ok := titleWords[string(text[:ends[k]])]; ok {
			return w, ends[k] + 1
		}
	}
	return titleCompound(text[:ends[0]]), ends[0] + 1
}

// titleCompound reads a word by its beginning and its end, as German builds titles.
func titleCompound(word []byte) titleWord {
	var w titleWord
	for _, s := range titleStems {
		if len(word) > len(s.text) && s.text[0] == word[0] && string(word[:len(s.text)]) == s.text {
			w.department = s.department
			break
		}
	}
	for _, s := range titleEnds {
		if len(word) > len(s.text) && string(word[len(word)-len(s.text):]) == s.text {
			w.seniority = s.seniority
			break
		}
	}
	return w
}

// foldTitle appends the words of a title, in lower case, without accents, one space between, to dst.
func foldTitle(dst []byte, title string) []byte {
	space := false
	for _, r := range title {
		if len(dst) >= longestTitle {
			break
		}
		r = unicode.ToLower(r)
		if r >= 0x80 {
			if f, ok := folded[r]; ok {
				r = f
			}
		}
		switch {
		case r == '\'' || r == '’' || r == '.':
			// l'équipe → lequipe would hide a word, V.P. → v p as well: an apostrophe parts, a point joins.
			space = space || r != '.'
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			space = true
		default:
			if space && len(dst) > 0 {
				dst = append(dst, ' ')
			}
			space = false
			switch {
			case r == 'ß':
				dst = append(dst, 's', 's')
			case r < 0x80:
				dst = append(dst, byte(r))
			default:
				dst = append(dst, '?') // a letter of another script: kept as a word that nothing matches
			}
		}
	}
	return dst
}

var folded = map[rune]rune{'á': 'a', 'à': 'a', 'â': 'a', 'ä': 'a', 'ã': 'a', 'å': 'a', 'é': 'e', 'è': 'e', 'ê': 'e', 'ë': 'e',
	'í': 'i', 'ì': 'i', 'î': 'i', 'ï': 'i', 'ó': 'o', 'ò': 'o', 'ô': 'o', 'ö': 'o', 'õ': 'o', 'ú': 'u', 'ù': 'u', 'û': 'u', 'ü': 'u',
	'ñ': 'n', 'ç': 'c', 'ª': 'a', 'º': 'o'}

// minTitles is the number of different words from which a column may hold job titles: with fewer,
// the levels themselves say all there is to say.
const minTitles = 20

// isTitleColumn reports whether a column holds job titles: it is called so, has many different words,
// and in at least three of ten of them the table finds something.
func isTitleColumn(name string, words []string) bool {
	if len(words) < minTitles {
		return false
	}
	named := false
	for _, t := range nameTokens(name) {
		switch t {
		case "title", "titles", "jobtitle", "position", "role", "designation", "puesto", "cargo", "titel", "poste", "fonction", "funktion":
			named = true
		case "occupation", "product", "page", "book", "course", "song", "film", "campaign":
			return false
		}
	}
	if !named {
		return false
	}
	n := 0
	for _, s := range words {
		if seniority, department := classifyTitle(s); seniority != seniorityUnknown || department != departmentOther {
			n++
		}
	}
	return 10*n >= 3*len(words)
}

// titleEntry is phrases, parted by commas and written as foldTitle leaves them, and what they say.
type titleEntry struct {
	titleWord
	phrases string
}

// titleTable makes the entries a table of phrases. A phrase may stand in two entries, one
// for its seniority and one for its department; never in two for the same (a test holds it).
func titleTable(entries []titleEntry) map[string]titleWord {
	out := map[string]titleWord{}
	for _, e := range entries {
		for _, p := range strings.Split(e.phrases, ",") {
			p = strings.Join(strings.Fields(p), " ")
			w := out[p]
			if e.seniority != "" {
				w.seniority = e.seniority
			}
			if e.department != "" {
				w.department = e.department
			}
			out[p] = w
		}
	}
	return out
}
