package dev.sluice.lab.tls;

import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;

/**
 * TLS of one viewer on a socket without a channel. Between two reads it keeps only the start of a
 * record whose end has not come.
 *
 * <p>Threading: confined to its loop, whose buffers it borrows. Owns its engine until {@link
 * #close}.
 */
public final class TlsLine implements AutoCloseable {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final int RECORD_BYTES = 17 * 1024;

  /** Where encrypted bytes go. */
  public interface Wire {
    /** Sends all of a direct buffer, which is borrowed. */
    void send(ByteBuffer encrypted) throws IOException;
  }

  private final SSLEngine engine;
  private final Wire wire;
  private final ByteBuffer plain;
  private final ByteBuffer encrypted;
  private ByteBuffer rest = NOTHING;
  private boolean stands;
  private boolean closed;

  TlsLine(SSLEngine engine, Wire wire, ByteBuffer plain, ByteBuffer encrypted) {
    this.engine = engine;
    this.wire = wire;
    this.plain = plain;
    this.encrypted = encrypted;
  }

  /** Says hello. */
  public void begin() throws IOException {
    engine.beginHandshake();
    answer();
  }

  /** Whether the handshake is over. */
  public boolean stands() {
    return stands;
  }

  /** Encrypts and sends; not before it {@link #stands}. */
  public void send(ByteBuffer data) throws IOException {
    while (data.hasRemaining() && !closed) {
      wrap(data);
    }
  }

  /**
   * Consumes what came; may end anywhere.
   *
   * @param to gets what was in it, in a buffer that is good during the call
   */
  public void receive(ByteBuffer in, Consumer<ByteBuffer> to) throws IOException {
    ByteBuffer from = joined(in);
    boolean more = true;
    while (more && !closed) {
      answer();
      plain.clear();
      // Asked once more with nothing left: OpenSSL ends a handshake of TLS 1.2 so.
      SSLEngineResult result = engine.unwrap(from, plain);
      plain.flip();
      if (plain.hasRemaining()) {
        to.accept(plain);
      }
      if (result.getStatus() == Status.CLOSED) {
        throw new IOException("closed by the server");
      }
      more = moved(result);
    }
    answer();
    keep(from);
  }

  private static boolean moved(SSLEngineResult result) {
    return result.bytesConsumed() > 0
        || result.bytesProduced() > 0
        || result.getHandshakeStatus() == HandshakeStatus.NEED_TASK;
  }

  /** Does what the handshake asks of this side now. */
  private void answer() throws IOException {
    while (!closed) {
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> {
          for (Runnable task; (task = engine.getDelegatedTask()) != null; ) {
            task.run();
          }
        }
        case NEED_WRAP -> {
          if (!wrap(NOTHING)) {
            return;
          }
        }
        case NOT_HANDSHAKING, FINISHED -> {
          stands = true;
          return;
        }
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
          return;
        }
      }
    }
  }

  private boolean wrap(ByteBuffer data) throws IOException {
    encrypted.clear();
    SSLEngineResult result = engine.wrap(data, encrypted);
    encrypted.flip();
    if (encrypted.hasRemaining()) {
      wire.send(encrypted);
    }
    if (result.getStatus() != Status.OK) {
      throw new IOException("TLS: " + result.getStatus());
    }
    return result.bytesProduced() > 0 || result.bytesConsumed() > 0;
  }

  private ByteBuffer joined(ByteBuffer in) {
    if (rest.position() == 0) {
      return in;
    }
    ByteBuffer whole = rest;
    if (whole.remaining() < in.remaining()) {
      whole = ByteBuffer.allocateDirect(rest.position() + in.remaining());
      whole.put(rest.flip());
    }
    rest = NOTHING;
    return whole.put(in).flip();
  }

  private void keep(ByteBuffer from) {
    if (from.hasRemaining() && !closed) {
      rest = ByteBuffer.allocateDirect(Math.max(RECORD_BYTES, from.remaining())).put(from);
    }
  }

  @Override
  public void close() {
    closed = true;
    rest = NOTHING;
    ReferenceCountUtil.release(engine);
  }
}
