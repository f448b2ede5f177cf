package dev.sluice.chassis.tls;

import dev.sluice.chassis.config.TlsConfig;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.metrics.Meters;
import io.netty.channel.Channel;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
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
import java.util.function.Function;
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
 * hands over under a lock, which also keeps a certificate's memory while a connection takes it up.
 */
public final class ServerTls implements Service {
  private static final Logger log = LoggerFactory.getLogger(ServerTls.class);

  private final TlsConfig config;
  private final Path certificate;
  private final Path key;
  private final Meters meters;
  private final HandshakeWatch watch;
  private final Object lock = new Object();

  /** Written under the lock. */
  private volatile Loaded loaded;

  /** Guarded by the lock. */
  private boolean closed;

  private List<Stamp> seen;
  private String complaint = "";
  private @Nullable Thread thread;

  /** What is in use. */
  private record Loaded(ServerContexts contexts, Instant expiry) {}

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
      return new Loaded(
          ServerContexts.of(config.provider(), secret, chain), own.getNotAfter().toInstant());
    } catch (SSLException e) {
      throw new TlsException("tls.certificate: " + certificate + " (" + e.getMessage() + ")");
    }
  }

  /** Adds TLS to a new pipeline, in front of what comes after. */
  public void secure(Channel channel) {
    secure(channel, ServerContexts::plain);
  }

  /**
   * As {@link #secure}, offering HTTP/2 and HTTP/1.1 (ALPN, RFC 7301); a client that knows neither,
   * or nothing of it, speaks HTTP/1.1.
   */
  public void secureHttp(Channel channel) {
    secure(channel, ServerContexts::http);
  }

  private void secure(Channel channel, Function<ServerContexts, SslContext> kind) {
    SslHandler handler;
    synchronized (lock) {
      if (closed) {
        channel.close(); // came as the server stopped
        return;
      }
      handler = kind.apply(loaded.contexts()).newHandler(channel.alloc());
    }
    handler.setHandshakeTimeout(config.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS);
    channel.pipeline().addLast(handler, watch);
  }

  /** True if the handshake is over and HTTP/2 is to be spoken. */
  public static boolean agreedOnHttp2(Channel channel) {
    SslHandler handler = channel.pipeline().get(SslHandler.class);
    return handler != null && ApplicationProtocolNames.HTTP_2.equals(handler.applicationProtocol());
  }

  @Override
  public void start() {
    logLoaded("loaded");
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

  private void replace(Loaded by) {
    Loaded old = by;
    synchronized (lock) {
      if (!closed) {
        old = loaded;
        loaded = by;
      }
    }
    old.contexts().release();
  }

  private void logLoaded(String how) {
    Loaded now = loaded;
    log.info(
        "tls certificate {} file={} expires={} engine=\"{}\"",
        how,
        certificate,
        now.expiry(),
        now.contexts().engine());
  }

  private void check() {
    List<Stamp> now = stamps();
    if (now.equals(seen)) {
      return;
    }
    try {
      replace(load());
      seen = now;
      complaint = "";
      meters.counter(TlsMeters.LOADS, "loaded").increment();
      logLoaded("reloaded");
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
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
    }
    loaded.contexts().release();
  }
}
