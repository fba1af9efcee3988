package features

import "strings"

// Classes of an e-mail address, by its domain.
const (
	emailBusiness   = "business" // none of the others
	emailFree       = "free"
	emailDisposable = "disposable"
	emailEducation  = "education"
	emailGovernment = "government"
	emailInvalid    = "invalid" // not one @ between a name and a domain with a dot
)

// longestDomain is the greatest length of a domain name in bytes (RFC 1035, section 2.3.4).
const longestDomain = 253

// emailClass returns the class of an address. Case is ignored; a subdomain is classed as the
// domain above it. It allocates nothing.
func emailClass(address string) string {
	address = strings.TrimSpace(address)
	at := strings.IndexByte(address, '@')
	if at <= 0 || strings.IndexByte(address[at+1:], '@') >= 0 || strings.ContainsAny(address, " \t\r\n,;") {
		return emailInvalid
	}
	domain := strings.TrimSuffix(address[at+1:], ".")
	if len(domain) > longestDomain || strings.Contains(domain, "..") || strings.HasPrefix(domain, ".") || !strings.Contains(domain, ".") {
		return emailInvalid
	}
	var buffer [longestDomain]byte
	lower := buffer[:len(domain)]
	for i := range lower {
		b := domain[i]
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		lower[i] = b
	}
	return domainClass(lower)
}

// domainClass classes a lower-case domain by the longest of its suffixes that is known.
func domainClass(domain []byte) string {
	for rest := domain; ; {
		if class, ok := domains[string(rest)]; ok {
			return class
		}
		dot := indexByte(rest, '.')
		if dot < 0 {
			break
		}
		// A family has the same name in every country: yahoo.co.uk, yahoo.de.
		if class, ok := families[string(rest[:dot])]; ok && shortSuffix(rest[dot+1:]) {
			return class
		}
		// ac.uk, edu.au, gob.mx: what stands before a country.
		if class, ok := seconds[string(rest[:dot])]; ok && len(rest)-dot-1 == 2 {
			return class
		}
		if isUniversity(rest[:dot], rest[dot+1:]) {
			return emailEducation
		}
		rest = rest[dot+1:]
	}
	return emailBusiness
}

// shortSuffix reports whether what follows a family's name is no more than a top-level domain, with a
// second level (co, com) before a country at most.
func shortSuffix(rest []byte) bool {
	dot := indexByte(rest, '.')
	return dot < 0 || dot <= 3 && len(rest)-dot-1 == 2
}

// isUniversity recognises the way universities are named where they have no domain of their own
// kind: uni-bonn.de, tu-berlin.de, univ-paris1.fr.
func isUniversity(label, rest []byte) bool {
	switch string(rest) {
	case "de", "at", "ch", "fr":
		return hasPrefix(label, "uni-") || hasPrefix(label, "tu-") || hasPrefix(label, "fh-") || hasPrefix(label, "hs-") || hasPrefix(label, "univ-")
	}
	return hasPrefix(label, "university") || hasPrefix(label, "universidad")
}

func hasPrefix(s []byte, prefix string) bool {
	return len(s) >= len(prefix) && string(s[:len(prefix)]) == prefix
}

func indexByte(s []byte, c byte) int {
	for i, b := range s {
		if b == c {
			return i
		}
	}
	return -1
}

// The lists hold the providers that make up nearly all addresses of their class in practice, not
// every one that exists: the long public lists change weekly, and a model needs the same
// answer tomorrow. Changing a list changes what models trained before read from an address.
var (
	domainLists = map[string]string{
		emailFree: `gmail.com googlemail.com aol.com aim.com icloud.com me.com mac.com protonmail.com protonmail.ch proton.me pm.me
			zoho.com mail.com email.com usa.com fastmail.com fastmail.fm hushmail.com tutanota.com tutanota.de tuta.io mailbox.org posteo.de
			msn.com passport.com ymail.com rocketmail.com inbox.com lycos.com excite.com juno.com netzero.net earthlink.net comcast.net
			verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net optonline.net roadrunner.com rr.com shaw.ca rogers.com sympatico.ca
			web.de freenet.de t-online.de arcor.de email.de online.de vodafone.de 1und1.de
			orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr numericable.fr
			libero.it virgilio.it alice.it tin.it tiscali.it fastwebnet.it aruba.it
			telefonica.net terra.es ono.com ya.com telefonica.es movistar.es
			btinternet.com virginmedia.com ntlworld.com sky.com talktalk.net blueyonder.co.uk tiscali.co.uk
			ziggo.nl kpnmail.nl hetnet.nl planet.nl home.nl telenet.be skynet.be bluewin.ch hispeed.ch
			mail.ru bk.ru list.ru inbox.ru rambler.ru ya.ru ukr.net i.ua meta.ua
			wp.pl o2.pl onet.pl interia.pl op.pl seznam.cz centrum.cz azet.sk freemail.hu citromail.hu abv.bg
			qq.com 163.com 126.com sina.com sina.cn sohu.com foxmail.com aliyun.com yeah.net naver.com hanmail.net daum.net nate.com
			rediffmail.com rediff.com sify.com indiatimes.com uol.com.br bol.com.br terra.com.br ig.com.br globo.com globomail.com
			bigpond.com optusnet.com.au iinet.net.au xtra.co.nz walla.com walla.co.il`,
		emailDisposable: `mailinator.com guerrillamail.com guerrillamail.net guerrillamail.org guerrillamail.biz guerrillamailblock.com sharklasers.com grr.la
			10minutemail.com 10minutemail.net 20minutemail.com tempmail.com temp-mail.org temp-mail.io tempmail.net tempmailo.com tempail.com tempr.email
			yopmail.com yopmail.fr yopmail.net trashmail.com trashmail.de trashmail.net wegwerfmail.de wegwerfemail.de
			throwawaymail.com throwam.com getnada.com nada.email maildrop.cc mailnesia.com mailcatch.com mintemail.com mohmal.com
			dispostable.com discard.email discardmail.com fakeinbox.com fakemailgenerator.com emailondeck.com spamgourmet.com spam4.me spambox.us
			mytemp.email moakt.com mailsac.com inboxkitten.com inboxbear.com burnermail.io 33mail.com anonaddy.me jetable.org
			einrot.com cuvox.de armyspy.com dayrep.com fleckens.hu gustr.com jourrapide.com rhyta.com superrito.com teleworm.us
			mailtemp.info minuteinbox.com tmpmail.org tmpmail.net crazymailing.com harakirimail.com incognitomail.org mailexpire.com
			mailforspam.com mailnull.com nospam.ze.tc owlymail.com sogetthis.com tempinbox.com tempomail.fr trbvm.com zetmail.com byom.de`,
		emailEducation:  `edu k12.us`,
		emailGovernment: `gov mil gouv.fr gc.ca bund.de admin.ch europa.eu gov.uk gv.at fed.us`,
	}
	familyLists = map[string]string{
		emailFree: `yahoo hotmail outlook live gmx yandex windowslive`,
	}
	secondLists = map[string]string{
		emailEducation:  `ac edu sch k12`,
		emailGovernment: `gov gob gouv govt go mil gub gouvernement`,
	}
	domains, families, seconds = classed(domainLists), classed(familyLists), classed(secondLists)
)

// classed turns lists of names by class into the class of each name; no name stands in two lists (a test holds it).
func classed(lists map[string]string) map[string]string {
	out := map[string]string{}
	for class, names := range lists {
		for _, name := range strings.Fields(names) {
			out[name] = class
		}
	}
	return out
}

// looksLikeEmail reports whether a text has exactly one @, with a dot behind it.
func looksLikeEmail(s string) bool {
	name, domain, ok := strings.Cut(s, "@")
	return ok && name != "" && !strings.Contains(domain, "@") && strings.Contains(domain, ".")
}

// isEmailColumn reports whether a column holds e-mail addresses: four in five of its
// words look like one, or one in five where the column is called so (a column
// "Do Not Email" of yes and no is not one, whatever it is called).
func isEmailColumn(name string, words []string) bool {
	if len(words) == 0 {
		return false
	}
	n := 0
	for _, s := range words {
		if looksLikeEmail(s) {
			n++
		}
	}
	if 5*n >= 4*len(words) {
		return true
	}
	named := false
	for _, t := range nameTokens(name) {
		named = named || t == "email" || t == "mail" || t == "emailaddress" || t == "correo"
	}
	return named && 5*n >= len(words)
}
