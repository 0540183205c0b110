package conf

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// outOfRange says what is wrong with a value by its range tag, or returns the empty string. The tag is low..high for
// numbers, and for texts address, path, file, url, origins, networks, hosts, text, or the choices.
func (f field) outOfRange() string {
	switch value := f.value.Interface().(type) {
	case []string:
		switch f.limits {
		case "networks":
			return badNetworks(value)
		case "hosts":
			return badHosts(value)
		}
		return badOrigins(value)
	case string:
		return f.badText(value)
	case int, float64, time.Duration:
		low, high, _ := strings.Cut(f.limits, "..")
		if n := number(f); !(n >= bound(low) && n <= bound(high)) {
			return fmt.Sprintf("want %s to %s, got %v", low, high, value)
		}
	}
	return ""
}

// number returns a numeric value as a float; durations are nanoseconds.
func number(f field) float64 {
	if f.value.CanInt() {
		return float64(f.value.Int())
	}
	return f.value.Float()
}

// bound returns an end of a range.
func bound(text string) float64 {
	if d, err := time.ParseDuration(text); err == nil && text != "0" {
		return float64(d)
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err) // a test reads every range
	}
	return n
}

// badText says what is wrong with a text, or returns the empty string.
func (f field) badText(text string) string {
	switch f.limits {
	case "address":
		return badAddress(text)
	case "path":
		return badPath(text)
	case "file":
		return "" // whether there is one is for who reads it
	case "url":
		return badURL(text)
	case "text":
		return badWord(text)
	}
	if choices := strings.Split(f.limits, "|"); !slices.Contains(choices, text) {
		return fmt.Sprintf("want one of %s, got %s", strings.Join(choices, ", "), quote(text))
	}
	return ""
}

// badAddress says what is wrong with a listener's address, or returns the empty string.
func badAddress(address string) string {
	if address == "" {
		return ""
	}
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Sprintf("want host:port, as in 127.0.0.1:8999, got %s", quote(address))
	}
	return ""
}

// badPath says what is wrong with the path of a URL, or returns the empty string. A path that browsers would write in
// another way, or that an HTTP server redirects, is one that nobody ever reaches.
func badPath(text string) string {
	clean := path.Clean(text)
	if strings.HasSuffix(text, "/") && clean != "/" {
		clean += "/"
	}
	if !strings.HasPrefix(text, "/") || text != clean || (&url.URL{Path: text}).String() != text {
		return fmt.Sprintf("want a path, as in /ws, got %s", quote(text))
	}
	return ""
}

// badURL says what is wrong with the URL of a server, or returns the empty string. Secrets do not belong into one.
func badURL(text string) string {
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	plain := err == nil && u.User == nil && u.RawQuery == "" && u.Fragment == ""
	if !plain || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Sprintf("want a URL, as in http://127.0.0.1:4318, got %s", quote(text))
	}
	return ""
}

// badWord says what is wrong with a text that must say something, or returns the empty string.
func badWord(text string) string {
	if strings.TrimSpace(text) == "" {
		return "want a text, got " + quote(text)
	}
	return ""
}

// badNetworks says which of some networks is none, or returns the empty string. Bits behind the prefix are more likely a
// mistake than meant.
func badNetworks(networks []string) string {
	for _, text := range networks {
		network, err := netip.ParsePrefix(text)
		if err != nil || network != network.Masked() || network.Addr().Is4In6() {
			return "want networks, as in 10.0.0.0/8 or 2001:db8::/32, got " + quote(text)
		}
	}
	return ""
}

// badOrigins says which of some origins could never match, or returns the empty string.
func badOrigins(origins []string) string {
	for _, origin := range origins {
		full := origin
		if !strings.Contains(origin, "://") {
			full = "https://" + origin
		}
		u, err := url.Parse(full)
		plainHost := err == nil && u.Host != "" && !strings.Contains(u.Host, "*")
		if !plainHost || !strings.EqualFold(u.Scheme+"://"+u.Host, full) {
			return "want origins or hosts, as in https://example.org or example.org:8080, got " + quote(origin)
		}
	}
	return ""
}

// badHosts says which of some names no host could have, or returns the empty string.
func badHosts(hosts []string) string {
	for _, host := range hosts {
		u, err := url.Parse("https://" + host)
		if err != nil || host == "" || u.Hostname() != host || strings.Contains(host, "*") {
			return "want names of hosts, as in game.example.org, got " + quote(host)
		}
	}
	return ""
}
