package dev.sluice.lab.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A minimal HTTP-FLV player: one GET, then FLV plain or in chunks (RFC 9112 section 7.1). */
final class FlvPlay implements PlayProtocol {
  private enum Body {
    NONE,
    PLAIN,
    CHUNK_SIZE,
    CHUNK_DATA,
    CHUNK_END
  }

  private final StreamUrl url;
  private final Peer peer;
  private final FlvStreamReader tags;
  private final AnswerHead answer = new AnswerHead();
  private final StringBuilder sizeLine = new StringBuilder();
  private Body body = Body.NONE;
  private long chunkLeft;
  private String stage = "response";

  FlvPlay(StreamUrl url, Peer peer) {
    this.url = url;
    this.peer = peer;
    this.tags = new FlvStreamReader(peer);
  }

  @Override
  public void connected() {
    String request =
        "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: sluice-bench\r\nAccept: */*\r\n\r\n"
            .formatted(url.name(), url.authority());
    peer.send(request.getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void receive(ByteBuffer in) {
    while (in.hasRemaining()) {
      switch (body) {
        case NONE -> head(in);
        case PLAIN -> tags.read(in);
        case CHUNK_SIZE -> chunkSize(in);
        case CHUNK_DATA -> chunkData(in);
        case CHUNK_END -> {
          if (in.get() == '\n') {
            body = Body.CHUNK_SIZE;
          }
        }
      }
    }
  }

  @Override
  public String stage() {
    return stage;
  }

  @Override
  public void acknowledge(long bytes) {} // TCP does it

  @Override
  public long acknowledgeEvery() {
    return Long.MAX_VALUE;
  }

  private void head(ByteBuffer in) {
    String text = answer.read(in);
    if (text == null) {
      return;
    }
    String status = AnswerHead.status(text);
    if (!status.matches("HTTP/1\\.[01] 200.*")) {
      in.position(in.limit());
      peer.fail(status);
      return;
    }
    stage = "keyframe";
    boolean chunked = text.toLowerCase(Locale.ROOT).contains("\r\ntransfer-encoding: chunked");
    body = chunked ? Body.CHUNK_SIZE : Body.PLAIN;
  }

  private void chunkSize(ByteBuffer in) {
    byte next = in.get();
    if (next != '\n') {
      sizeLine.append((char) next);
      return;
    }
    String digits = sizeLine.toString().split(";")[0].trim();
    sizeLine.setLength(0);
    chunkLeft = Long.parseLong(digits, 16);
    if (chunkLeft == 0) {
      peer.fail("the stream ended");
    }
    body = Body.CHUNK_DATA;
  }

  private void chunkData(ByteBuffer in) {
    int take = (int) Math.min(chunkLeft, in.remaining());
    tags.read(in.slice(in.position(), take));
    in.position(in.position() + take);
    chunkLeft -= take;
    if (chunkLeft == 0) {
      body = Body.CHUNK_END;
    }
  }
}
