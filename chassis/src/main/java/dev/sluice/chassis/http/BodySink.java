package dev.sluice.chassis.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;

/**
 * Takes a body as it arrives. Called on one event loop; after {@link #end} or {@link #abort}
 * nothing more is called.
 */
public interface BodySink {
  /**
   * The next bytes, borrowed: retain what is kept. Slow the sender down with {@code pauseBody()}.
   *
   * @throws IOException to give up: the request is answered with a 500 problem
   */
  void data(ByteBuf borrowed) throws IOException;

  /** The body is complete. */
  void end();

  /** The rest will never come. */
  void abort(Throwable cause);
}
