package serve

import (
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"

	"leadscore/serve/docs"
)

// apiPage is the page of openapi.json, made when it is first asked for: the start of the server does not wait for it. An error is our bug.
var apiPage = sync.OnceValues(func() (*docsPage, error) {
	page, err := docs.New(openAPI)
	if err != nil {
		return nil, err
	}
	return &docsPage{policy: []string{page.Policy}, html: newStill(page.HTML)}, nil
})

// docsPage is the page with its Content-Security-Policy.
type docsPage struct {
	policy []string
	html   *still
}

var htmlType = []string{"text/html; charset=utf-8"}

// docs answers with the page. Its policy takes the place of the one that every other answer has: what the page holds may run, nothing else.
func (s *Server) docs(c *gin.Context) {
	page, err := apiPage()
	if err != nil {
		s.refuse(c, err)
		return
	}
	c.Writer.Header()["Content-Security-Policy"] = page.policy
	by := packing(c, len(page.html.body))
	s.answerPacked(c, htmlType, by, page.html.in(by))
}

// root shows the way to the page. The place is a relative one, so that it holds behind a proxy that puts a path before ours.
func (s *Server) root(c *gin.Context) {
	c.Writer.Header().Set("Location", "docs")
	c.Writer.WriteHeader(http.StatusFound)
	c.Writer.WriteHeaderNow()
}
