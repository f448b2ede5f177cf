package dev.sluice.chassis.config;

import java.time.Duration;

/** The certificate of a server, for its TLS listeners. */
public record TlsConfig(
    @Setting(
            doc = "PEM file of the certificate and those between it and the authority.",
            def = "",
            example = "/etc/sluice/tls/fullchain.pem")
        String certificate,
    @Setting(
            doc = "PEM file of its key (PKCS#8, no password).",
            def = "",
            example = "/etc/sluice/tls/privkey.pem")
        String key,
    @Setting(
            expert = true,
            doc = "A connection whose TLS handshake takes longer is closed.",
            def = "5s",
            range = "100ms..60s")
        Duration handshakeTimeout,
    @Setting(
            expert = true,
            doc = "How often the files are looked at; changed ones are loaded for new connections.",
            def = "10s",
            range = "100ms..1d")
        Duration reloadInterval,
    @Setting(
            expert = true,
            doc =
                "Whose TLS is spoken: openssl (BoringSSL, which comes along for Linux on x86-64 and"
                    + " ARM), jdk, or auto: openssl where it loads and takes the key.",
            def = "auto")
        TlsProvider provider) {

  /** No certificate. */
  public static final TlsConfig NONE =
      new TlsConfig("", "", Duration.ofSeconds(5), Duration.ofSeconds(10), TlsProvider.AUTO);

  /** A certificate, everything else by default. */
  public static TlsConfig of(String certificate, String key) {
    return new TlsConfig(
        certificate, key, Duration.ofSeconds(5), Duration.ofSeconds(10), TlsProvider.AUTO);
  }

  /**
   * Rejects listeners that lack a certificate.
   *
   * @param listening whether anything is served with TLS
   */
  public void require(boolean listening) {
    if (listening && (certificate.isEmpty() || key.isEmpty())) {
      throw new IllegalArgumentException(
          "tls.certificate and tls.key, since rtmps or https is enabled");
    }
  }
}
