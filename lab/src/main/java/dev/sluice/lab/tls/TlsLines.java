package dev.sluice.lab.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;

/** The TLS of a loop's viewers: one context and one pair of buffers. Confined to its loop. */
public final class TlsLines {
  /** More than a record: what an engine may want to see free. */
  private static final int BUFFER_BYTES = 32 * 1024;

  private final SslContext context;
  private final ByteBuffer plain = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final ByteBuffer encrypted = ByteBuffer.allocateDirect(BUFFER_BYTES);

  /** For TLS 1.2 and 1.3, without ALPN. */
  public TlsLines() throws SSLException {
    context = ClientTls.offering();
  }

  /** One more viewer. */
  public TlsLine add(TlsLine.Wire wire) {
    return new TlsLine(context.newEngine(ByteBufAllocator.DEFAULT), wire, plain, encrypted);
  }
}
