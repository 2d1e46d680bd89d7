package awxapi

// AWX describes itself in two documents. Clients read the version, and goawx takes
// any answer to ping but an error for a server that is alive.

type pingDocument struct {
	HA             bool           `json:"ha"`
	Version        string         `json:"version"`
	ActiveNode     string         `json:"active_node"`
	InstallUUID    string         `json:"install_uuid"`
	Instances      []pingInstance `json:"instances"`
	InstanceGroups []struct{}     `json:"instance_groups"`
}

type pingInstance struct {
	Node      string `json:"node"`
	NodeType  string `json:"node_type"`
	UUID      string `json:"uuid"`
	Heartbeat moment `json:"heartbeat"`
	Capacity  int    `json:"capacity"`
	Version   string `json:"version"`
}

func (a *API) getPing(*request) (answer, error) {
	return ok(pingDocument{
		Version: a.config.Version, ActiveNode: a.config.Node, InstallUUID: a.config.InstallUUID,
		Instances:      []pingInstance{{Node: a.config.Node, NodeType: "hybrid", UUID: a.config.InstallUUID}},
		InstanceGroups: []struct{}{},
	}), nil
}

type configDocument struct {
	TimeZone            string      `json:"time_zone"`
	LicenseInfo         licenseInfo `json:"license_info"`
	Version             string      `json:"version"`
	EULA                string      `json:"eula"`
	AnalyticsStatus     string      `json:"analytics_status"`
	AnalyticsCollectors struct{}    `json:"analytics_collectors"`
	BecomeMethods       [][2]string `json:"become_methods"`
	UINext              bool        `json:"ui_next"`
	*projectConfig                  // for who may manage something
}

type licenseInfo struct {
	LicenseType      string `json:"license_type"`
	ValidKey         bool   `json:"valid_key"`
	SubscriptionName string `json:"subscription_name"`
	ProductName      string `json:"product_name"`
}

type projectConfig struct {
	ProjectBaseDir    string   `json:"project_base_dir"`
	ProjectLocalPaths []string `json:"project_local_paths"`
	CustomVirtualenvs []string `json:"custom_virtualenvs"`
}

func (a *API) getConfig(r *request) (answer, error) {
	body := configDocument{
		TimeZone:        "UTC",
		LicenseInfo:     licenseInfo{"open", true, "OPEN", "AWX"},
		Version:         a.config.Version,
		AnalyticsStatus: "off",
		BecomeMethods:   becomeMethods,
		UINext:          true,
	}
	if r.actor.ReadsEverything() || r.actor.AdministersAnyOrganization() {
		body.projectConfig = &projectConfig{ProjectLocalPaths: []string{}, CustomVirtualenvs: []string{}}
	}
	return ok(body), nil
}

// becomeMethods are Ansible's ways to become another user, with their labels.
var becomeMethods = [][2]string{
	{"sudo", "Sudo"},
	{"su", "Su"},
	{"pbrun", "Pbrun"},
	{"pfexec", "Pfexec"},
	{"dzdo", "DZDO"},
	{"pmrun", "Pmrun"},
	{"runas", "Runas"},
	{"enable", "Enable"},
	{"doas", "Doas"},
	{"ksu", "Ksu"},
	{"machinectl", "Machinectl"},
	{"sesu", "Sesu"},
}
