package dev.sluice.chassis.http.client;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * Takes the answer of the server that is asked. Called on the loop the request was sent from:
 * {@code head}, {@code data} as often as it comes, then {@code end}; or {@code failed} at any point
 * instead, once.
 */
public interface HttpClientHandler {
  /** The final head; 1xx are not shown. */
  void head(int status, HttpHeaders headers);

  /** The next bytes, borrowed: retain what is kept. */
  void data(ByteBuf borrowed);

  void end();

  void failed(HttpClientException cause);
}
