package dev.sluice.chassis.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chassis.config.TlsProvider;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.TestCertificate;
import dev.sluice.testkit.Tool;
import io.netty.handler.ssl.OpenSsl;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class ServerContextsTest {
  @TempDir Path directory;

  @Test
  void opensslIsThereForTheSystemsThatServersRunOn() {
    assertThat(OpenSsl.unavailabilityCause()).isNull();
    assertThat(OpenSsl.versionString()).contains("BoringSSL");
  }

  @Test
  void autoIsOpensslAndTheJdkIsThereOnDemand() throws Exception {
    TestCertificate made = TestCertificate.make(directory, "usual");
    assertThat(engine(TlsProvider.AUTO, made.certificate(), made.key())).startsWith("openssl");
    assertThat(engine(TlsProvider.OPENSSL, made.certificate(), made.key())).startsWith("openssl");
    assertThat(engine(TlsProvider.JDK, made.certificate(), made.key())).isEqualTo("jdk");
  }

  @Test
  void aKeyThatOpensslDoesNotTakeIsServedByTheJdkAndTheLogSaysWhy() throws Exception {
    Path certificate = directory.resolve("ed.pem");
    Path key = directory.resolve("ed.key");
    Process made =
        new ProcessBuilder(
                List.of(
                    Tool.require("openssl"),
                    "req",
                    "-x509",
                    "-newkey",
                    "ed25519",
                    "-nodes",
                    "-subj",
                    "/CN=ed",
                    "-keyout",
                    key.toString(),
                    "-out",
                    certificate.toString()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(made.waitFor()).isZero();
    assertThat(engine(TlsProvider.AUTO, certificate, key))
        .isEqualTo("jdk (openssl is not used with a key of EdDSA)");
    assertThatThrownBy(() -> engine(TlsProvider.OPENSSL, certificate, key))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("expected with tls.provider: openssl: a key of RSA or EC");
  }

  private static String engine(TlsProvider provider, Path certificate, Path key) throws Exception {
    List<X509Certificate> chain = PemFiles.certificates("tls.certificate", certificate);
    PrivateKey secret = PemFiles.key("tls.key", key);
    ServerContexts contexts = ServerContexts.of(provider, secret, chain);
    contexts.release();
    return contexts.engine();
  }
}
