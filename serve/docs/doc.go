// Package docs makes a page to read, and to try requests on, of an OpenAPI 3.1 document. The page is one HTML text: its style and its script stand
// in it, and nothing is loaded from elsewhere, so that it works where there is no way out to the internet, and so that
// nobody else is told who reads it.
//
// tree.go reads the document with its order kept, page.go and schema.go turn it into what page.html shows. The script is only the form that
// tries a request; without it all can be read. The page is made once; the same document gives the same bytes.
//
// The page has a Content-Security-Policy of its own, because the server's (nothing at all) would not let it be styled: it allows the one style
// and the one script by their hashes, and requests to the same server. Swagger UI and Redoc were rejected: each is more than a megabyte of
// script from elsewhere, or in the binary, and neither can be read without it.
package docs
