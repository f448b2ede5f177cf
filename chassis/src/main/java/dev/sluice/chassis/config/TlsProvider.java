package dev.sluice.chassis.config;

/** Whose TLS a server speaks. */
public enum TlsProvider {
  /** {@link #OPENSSL} where it loads and takes the key, otherwise {@link #JDK}. */
  AUTO,
  /** That of the Java runtime. */
  JDK,
  /** BoringSSL, by netty-tcnative. */
  OPENSSL
}
