package conf

import "testing"

// TestURLs: what is sent somewhere goes where the key says, and no secret stands in it.
func TestURLs(t *testing.T) {
	for text, good := range map[string]bool{
		"": true, "http://127.0.0.1:4318": true, "https://collector.example/v1/traces": true, "http://[::1]:4318/": true,
		"collector.example": false, "ftp://collector.example": false, "http://": false, "http://ann:secret@collector.example": false,
		"http://collector.example?key=secret": false, "http://collector.example#x": false, "http://a b": false,
	} {
		if told := badURL(text); (told == "") != good {
			t.Errorf("%q: %q", text, told)
		}
	}
}

// TestProfilesNeedTheToken: nobody is shown profiles without being asked for the operator's token.
func TestProfilesNeedTheToken(t *testing.T) {
	c := Default()
	c.Ops.Pprof = true
	if err := c.Check(); err == nil {
		t.Error("profiles are for everybody")
	}
	c.Ops.AdminTokenFile, c.Moderation.File = "token", "bans"
	if err := c.Check(); err != nil {
		t.Error(err)
	}
	c.Ops.Address = ""
	if err := c.Check(); err == nil {
		t.Error("profiles are nowhere")
	}
}
