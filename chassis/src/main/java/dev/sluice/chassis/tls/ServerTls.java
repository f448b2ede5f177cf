package dev.sluice.chassis.tls;

import dev.sluice.chassis.config.TlsConfig;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.metrics.Meters;
import io.netty.channel.Channel;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate with which a server listens. When its files change they are read again:
 * connections that stand go on, new ones get the new certificate. Files that cannot be used are
 * reported and the certificate before them is kept, so that a renewal that fails half way takes
 * nothing off the air.
 *
 * <p>Threading: {@link #secure} on a connection's event loop; the watch is a virtual thread and
 * hands over through one volatile field.
 */
public final class ServerTls implements Service {

  /**
   * Forward secrecy and AEAD only: no CBC and no RSA key exchange (RFC 9325 section 4.2). That
   * clients cannot renegotiate is set for the whole JVM, in {@code jvm.flags}.
   */
  private static final List<String> SUITES =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private static final Logger log = LoggerFactory.getLogger(ServerTls.class);

  private final TlsConfig config;
  private final Path certificate;
  private final Path key;
  private final Meters meters;
  private final HandshakeWatch watch;
  private volatile Loaded loaded;
  private List<Stamp> seen;
  private String complaint = "";
  private @Nullable Thread thread;

  /** What is in use. */
  private record Loaded(SslContext context, Instant expiry) {}

  /** What tells one version of a file from another. */
  private record Stamp(@Nullable Object fileKey, @Nullable FileTime modified, long size) {
    static Stamp of(Path file) {
      try {
        BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
        return new Stamp(found.fileKey(), found.lastModifiedTime(), found.size());
      } catch (IOException e) {
        return new Stamp(null, null, -1);
      }
    }
  }

  /**
   * Reads the files.
   *
   * @throws TlsException when they cannot be used
   */
  public ServerTls(TlsConfig config, Meters meters, InstantSource clock) throws TlsException {
    this.config = config;
    this.certificate = Path.of(config.certificate());
    this.key = Path.of(config.key());
    this.meters = meters;
    this.watch = new HandshakeWatch(meters);
    this.seen = stamps();
    try {
      this.loaded = load();
    } catch (TlsException e) {
      throw e;
    } catch (IOException e) {
      throw new TlsException("tls: " + e.getMessage());
    }
    meters.counter(TlsMeters.LOADS, "loaded").increment();
    meters.counter(TlsMeters.LOADS, "failed");
    meters.gauge(
        TlsMeters.EXPIRY, () -> Duration.between(clock.instant(), loaded.expiry()).toSeconds());
  }

  private List<Stamp> stamps() {
    return List.of(Stamp.of(certificate), Stamp.of(key));
  }

  private Loaded load() throws IOException {
    List<X509Certificate> chain = PemFiles.certificates("tls.certificate", certificate);
    PrivateKey secret = PemFiles.key("tls.key", key);
    X509Certificate own = chain.getFirst();
    if (!PemFiles.belongTogether(secret, own.getPublicKey())) {
      throw new TlsException(
          "tls.key: "
              + key
              + " (expected: the key of the first certificate in "
              + certificate
              + ")");
    }
    try {
      SslContext context =
          SslContextBuilder.forServer(secret, chain)
              .sslProvider(SslProvider.JDK)
              .protocols("TLSv1.3", "TLSv1.2")
              .ciphers(SUITES, SupportedCipherSuiteFilter.INSTANCE)
              .build();
      return new Loaded(context, own.getNotAfter().toInstant());
    } catch (SSLException e) {
      throw new TlsException("tls.certificate: " + certificate + " (" + e.getMessage() + ")");
    }
  }

  /** Adds TLS to a new pipeline, in front of what comes after. */
  public void secure(Channel channel) {
    SslHandler handler = loaded.context().newHandler(channel.alloc());
    handler.setHandshakeTimeout(config.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS);
    channel.pipeline().addLast(handler, watch);
  }

  /**
   * As {@link #secure}, offering HTTP/2 and HTTP/1.1 (ALPN, RFC 7301); a client that knows neither,
   * or nothing of it, speaks HTTP/1.1.
   */
  public void secureHttp(Channel channel) {
    secure(channel);
    channel
        .pipeline()
        .get(SslHandler.class)
        .engine()
        .setHandshakeApplicationProtocolSelector(
            (engine, offered) ->
                offered.contains(ApplicationProtocolNames.HTTP_2)
                    ? ApplicationProtocolNames.HTTP_2
                    : offered.contains(ApplicationProtocolNames.HTTP_1_1)
                        ? ApplicationProtocolNames.HTTP_1_1
                        : "");
  }

  /** True if the handshake is over and HTTP/2 is to be spoken. */
  public static boolean agreedOnHttp2(Channel channel) {
    SslHandler handler = channel.pipeline().get(SslHandler.class);
    return handler != null
        && ApplicationProtocolNames.HTTP_2.equals(handler.engine().getApplicationProtocol());
  }

  @Override
  public void start() {
    log.info("tls certificate loaded file={} expires={}", certificate, loaded.expiry());
    thread = Thread.ofVirtual().name("tls-watch").start(this::run);
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(config.reloadInterval());
        check();
      }
    } catch (InterruptedException e) {
      log.debug("tls watch ends");
    }
  }

  private void check() {
    List<Stamp> now = stamps();
    if (now.equals(seen)) {
      return;
    }
    try {
      loaded = load();
      seen = now;
      complaint = "";
      meters.counter(TlsMeters.LOADS, "loaded").increment();
      log.info("tls certificate reloaded file={} expires={}", certificate, loaded.expiry());
    } catch (IOException e) {
      // Tried again until it works: the two files of a renewal do not come at the same moment.
      String what = String.valueOf(e.getMessage());
      if (!what.equals(complaint)) {
        complaint = what;
        meters.counter(TlsMeters.LOADS, "failed").increment();
        log.warn("tls certificate kept, expires={} reason=\"{}\"", loaded.expiry(), what);
      }
    }
  }

  @Override
  public void close() {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }
}
