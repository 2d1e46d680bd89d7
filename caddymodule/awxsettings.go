package caddymodule

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// awxSetting is a setting that AWX needs, or may need, behind awxgate.
type awxSetting struct {
	name  string
	value string // Python, on one line, without single quotes
	why   []string
	// optional settings are printed as comments.
	optional bool
}

// awxSettings lists them. The key is one line of Python, because the operator writes
// each setting as one line.
func awxSettings(publicKey []byte) []awxSetting {
	return []awxSetting{
		{name: "ANSIBLE_BASE_JWT_KEY", value: strconv.Quote(string(publicKey)), why: []string{
			"The public half of awxgate's signing key. With it AWX believes awxgate who acts; without it",
			"AWX ignores what awxgate says. It is no secret. Change it together with awxgate's key.",
		}},
		{name: "ANSIBLE_BASE_JWT_MANAGED_ROLES", value: "[]", why: []string{
			"awxgate says who acts, never what they may do. Newer AWX would take away organization and",
			"team roles that the identity does not list, or refuse it; with an empty list AWX keeps them.",
		}},
		{name: "CSRF_TRUSTED_ORIGINS", value: `["https://awx.example.com"]`, optional: true, why: []string{
			"Only if people log in to AWX's pages through awxgate by HTTPS: the address in their browsers.",
			"AWX does not know that it is behind TLS and would refuse their forms.",
		}},
		{name: "REMOTE_HOST_HEADERS", value: `["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR", "REMOTE_HOST"]`, optional: true, why: []string{
			"Only for provisioning callbacks, and for the clients' addresses in AWX's log.",
		}},
		{name: "PROXY_IP_ALLOWED_LIST", value: `["192.0.2.10"]`, optional: true, why: []string{
			"Together with REMOTE_HOST_HEADERS: the address that AWX sees for awxgate. AWX believes",
			"everybody's headers while this is empty.",
		}},
	}
}

// settingsForm is a way to give settings to AWX.
type settingsForm struct {
	name  string
	intro []string
	write func(io.Writer, awxSetting)
}

var settingsForms = []settingsForm{
	{name: "operator", intro: []string{
		"# AWX of the AWX operator: add this to the AWX resource (kubectl edit awx NAME). The operator",
		"# restarts AWX's web pods. Single quotes are YAML's; what is in them is Python.",
		"spec:",
		"  extra_settings:",
	}, write: func(w io.Writer, s awxSetting) {
		writeComment(w, "    # ", s.why)
		writeLines(w, "    ", s.optional, "- setting: "+s.name, "  value: '"+s.value+"'")
	}},
	{name: "conf.d", intro: []string{
		"# AWX without the operator: save this as /etc/tower/conf.d/awxgate.py where AWX's web service runs,",
		"# and restart that service.",
	}, write: func(w io.Writer, s awxSetting) {
		writeComment(w, "# ", s.why)
		writeLines(w, "", s.optional, s.name+" = "+s.value)
	}},
}

func (f settingsForm) print(w io.Writer, publicKey []byte) {
	fmt.Fprintln(w, strings.Join(f.intro, "\n"))
	for _, setting := range awxSettings(publicKey) {
		fmt.Fprintln(w)
		f.write(w, setting)
	}
}

func writeComment(w io.Writer, prefix string, lines []string) {
	for _, line := range lines {
		fmt.Fprintln(w, prefix+line)
	}
}

// writeLines makes optional lines comments that become right when "# " is removed.
func writeLines(w io.Writer, indent string, optional bool, lines ...string) {
	if optional {
		indent += "# "
	}
	for _, line := range lines {
		fmt.Fprintln(w, indent+line)
	}
}
