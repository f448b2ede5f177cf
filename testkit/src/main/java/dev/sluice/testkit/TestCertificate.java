package dev.sluice.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A self-signed certificate for 127.0.0.1 and localhost, made by the JDK's keytool, as two PEM
 * files. It is its own authority.
 *
 * @param certificate PEM file
 * @param key PEM file, PKCS#8
 * @param parsed what is in the first file
 */
public record TestCertificate(Path certificate, Path key, X509Certificate parsed) {
  private static final char[] PASSWORD = "password".toCharArray();

  /**
   * Makes one.
   *
   * @param directory for {@code NAME.pem} and {@code NAME.key}
   * @param name also its common name
   */
  public static TestCertificate make(Path directory, String name)
      throws IOException, GeneralSecurityException, InterruptedException {
    return make(directory, name, "ip:127.0.0.1,dns:localhost", 0);
  }

  /**
   * Makes one for other names or days.
   *
   * @param names as keytool writes them: {@code ip:127.0.0.1,dns:localhost}
   * @param startDays from today; it holds for 30 days
   */
  public static TestCertificate make(Path directory, String name, String names, int startDays)
      throws IOException, GeneralSecurityException, InterruptedException {
    Path store = directory.resolve(name + ".p12");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            "a",
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-dname",
            "CN=" + name,
            "-ext",
            "san=" + names,
            "-startdate",
            (startDays < 0 ? "" : "+") + startDays + "d",
            "-validity",
            "30",
            "-storetype",
            "PKCS12",
            "-keystore",
            store.toString(),
            "-storepass",
            new String(PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("keytool failed: " + said);
    }
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
    Certificate own = keys.getCertificate("a");
    Path certificate = directory.resolve(name + ".pem");
    Path key = directory.resolve(name + ".key");
    Files.writeString(certificate, pem("CERTIFICATE", own.getEncoded()));
    Files.writeString(key, pem("PRIVATE KEY", keys.getKey("a", PASSWORD).getEncoded()));
    return new TestCertificate(certificate, key, (X509Certificate) own);
  }

  /** Puts this one's files in the place of another's, the certificate first. */
  public void replace(TestCertificate other) throws IOException {
    Files.copy(certificate, other.certificate(), StandardCopyOption.REPLACE_EXISTING);
    Files.copy(key, other.key(), StandardCopyOption.REPLACE_EXISTING);
  }

  /** For a client that trusts these and no others. */
  public static SSLContext trusting(TestCertificate... trusted)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (TestCertificate one : trusted) {
      store.setCertificateEntry(one.parsed().getSubjectX500Principal().getName(), one.parsed());
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static String pem(String kind, byte[] der) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n";
  }
}
