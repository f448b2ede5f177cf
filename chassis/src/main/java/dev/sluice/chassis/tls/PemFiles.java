package dev.sluice.chassis.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and keys as PEM (RFC 7468). Faults name the file and what was expected. */
final class PemFiles {
  private static final long MAX_BYTES = 1 << 20;
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

  private PemFiles() {}

  /** The certificates of a file, the server's own first. */
  static List<X509Certificate> certificates(String setting, Path file) throws IOException {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      Matcher blocks = BLOCK.matcher(read(setting, file));
      while (blocks.find()) {
        if (blocks.group(1).equals("CERTIFICATE")) {
          ByteArrayInputStream der = new ByteArrayInputStream(base64(blocks.group(2)));
          chain.add((X509Certificate) factory.generateCertificate(der));
        }
      }
    } catch (CertificateException | IllegalArgumentException e) {
      throw fault(setting, file, "certificates that can be read; " + e.getMessage());
    }
    if (chain.isEmpty()) {
      throw fault(setting, file, "PEM with at least one BEGIN CERTIFICATE");
    }
    return List.copyOf(chain);
  }

  /** The key of a file, without a password. */
  static PrivateKey key(String setting, Path file) throws IOException {
    Matcher blocks = BLOCK.matcher(read(setting, file));
    String found = "";
    while (blocks.find()) {
      String kind = blocks.group(1);
      if (kind.equals("PRIVATE KEY")) {
        return pkcs8(setting, file, blocks.group(2));
      }
      found = kind.endsWith("PRIVATE KEY") ? kind : found;
    }
    if (found.isEmpty()) {
      throw fault(setting, file, "PEM with BEGIN PRIVATE KEY");
    }
    throw fault(
        setting,
        file,
        "BEGIN PRIVATE KEY, found BEGIN "
            + found
            + "; convert it: openssl pkcs8 -topk8 -nodes -in OLD -out NEW");
  }

  private static PrivateKey pkcs8(String setting, Path file, String text) throws IOException {
    PKCS8EncodedKeySpec spec;
    try {
      spec = new PKCS8EncodedKeySpec(base64(text));
    } catch (IllegalArgumentException e) {
      throw fault(setting, file, "base64 between BEGIN and END");
    }
    for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException e) {
        // A key of another algorithm.
      } catch (GeneralSecurityException e) {
        throw new AssertionError("every JDK has " + algorithm, e);
      }
    }
    throw fault(setting, file, "a key of RSA, EC or Ed25519");
  }

  /** Whether the key is the certificate's: what one signs the other verifies. */
  static boolean belongTogether(PrivateKey secret, PublicKey open) {
    if (!secret.getAlgorithm().equals(open.getAlgorithm())) {
      return false;
    }
    String algorithm =
        switch (secret.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> secret.getAlgorithm();
        };
    try {
      byte[] text = "sluice".getBytes(StandardCharsets.UTF_8);
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(secret);
      signer.update(text);
      byte[] signature = signer.sign();
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(open);
      verifier.update(text);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static String read(String setting, Path file) throws IOException {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw fault(setting, file, "at most 1 MiB");
      }
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (TlsException e) {
      throw e;
    } catch (IOException e) {
      throw fault(setting, file, "a readable PEM file; " + e);
    }
  }

  private static byte[] base64(String text) {
    return Base64.getMimeDecoder().decode(text);
  }

  private static TlsException fault(String setting, Path file, String expected) {
    return new TlsException(setting + ": " + file + " (expected: " + expected + ")");
  }
}
