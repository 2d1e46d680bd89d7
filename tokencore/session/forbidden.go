package session

import (
	"net/http"

	"github.com/awxgate/awxgate/tokencore/internal/webpage"
)

// WriteForbidden answers a browser whose request CheckCSRF refused. Like Django's, the
// page does not say which check it was.
func WriteForbidden(w http.ResponseWriter, r *http.Request) {
	vary := "Accept-Language, Origin"
	if w.Header().Get("Session-Timeout") != "" { // Actor found somebody
		vary += ", Cookie"
	}
	w.Header().Set("Vary", vary)
	webpage.Write(w, r, http.StatusForbidden, forbiddenPage, nil)
}

var forbiddenPage = webpage.New(`{{define "title"}}403 Forbidden{{end}}
{{define "main"}}<h1>Forbidden <small>(403)</small></h1>
<p>CSRF verification failed. Request aborted.</p>
<p>This form did not come from a page of this site, or the browser does not keep the site's cookies.
Go back, load the page again and try once more.</p>{{end}}`)
