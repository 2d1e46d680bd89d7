package awxapi

// metadata is the part of AWX's OPTIONS answer that every URL has.
type metadata struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Renders     []string `json:"renders"`
	Parses      []string `json:"parses"`
}

func metadataOf(rt *route) metadata {
	return metadata{
		Name: rt.name, Description: rt.about,
		Renders: []string{"application/json", "text/html"}, Parses: []string{"application/json"},
	}
}
