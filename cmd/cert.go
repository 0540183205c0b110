package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"aoiworld/net/entry"
)

// certLasts is for how long a certificate for development is good.
const certLasts = 365 * 24 * time.Hour

// cert returns the command that makes a certificate for development.
func (p Program) cert() *cobra.Command {
	c := &cobra.Command{
		Use: "cert", Short: "Make a certificate for development", Args: noArgs,
		Long: "Writes a certificate that nobody vouches for, and its key, unless there are such files already. Clients must\n" +
			"be told to trust the certificate. Players need one from an authority.",
		Example: "  aoiworld cert\n" +
			"  aoiworld serve --set net.tls.cert_file=cert.pem --set net.tls.key_file=key.pem",
	}
	hosts := c.Flags().StringSlice("host", []string{"localhost", "127.0.0.1", "::1"}, "names and addresses that it is for")
	certFile := c.Flags().String("cert", "cert.pem", "`file` for the certificate")
	keyFile := c.Flags().String("key", "key.pem", "`file` for its key")
	c.RunE = func(*cobra.Command, []string) error {
		now := time.Now()
		until := now.Add(certLasts)
		certificate, key, err := entry.SelfSigned(*hosts, now, until)
		if err != nil {
			return err
		}
		if err := errors.Join(writeNew(*keyFile, key, 0o600), writeNew(*certFile, certificate, 0o644)); err != nil {
			return err
		}
		return p.print(fmt.Sprintf("%s and %s are good until %s\n", *certFile, *keyFile, until.Format(time.DateOnly)))
	}
	return c
}

// writeNew writes a file that is not there yet.
func writeNew(name string, content []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}
