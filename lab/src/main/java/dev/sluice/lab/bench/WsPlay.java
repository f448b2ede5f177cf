package dev.sluice.lab.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A minimal WS-FLV player: the handshake of WebSocket (RFC 6455), then FLV in messages cut
 * anywhere, as other servers do; it answers pings.
 */
final class WsPlay implements PlayProtocol {
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int FIN_PONG = 0x8A;
  private static final int MASKED = 0x80;
  private static final int MASK_BYTES = 4;
  private static final int LONGEST_FRAME_HEAD = 10;
  private static final int LONGEST_CONTROL = 125;

  private enum Stage {
    HEAD,
    FRAME_HEAD,
    MEDIA,
    CONTROL
  }

  private final StreamUrl url;
  private final Peer peer;
  private final FlvStreamReader tags;
  private final AnswerHead answer = new AnswerHead();
  private final ByteBuffer frame = ByteBuffer.allocate(LONGEST_FRAME_HEAD);
  private final byte[] control = new byte[LONGEST_CONTROL];
  private int controlBytes;
  private Stage stage = Stage.HEAD;
  private int opcode;
  private long left;

  WsPlay(StreamUrl url, Peer peer) {
    this.url = url;
    this.peer = peer;
    this.tags = new FlvStreamReader(peer);
  }

  @Override
  public void connected() {
    String request =
        "GET "
            + url.name()
            + " HTTP/1.1\r\nHost: "
            + url.authority()
            + "\r\nUser-Agent: sluice-bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2x1aWNlLWJlbmNoLWtleQ==\r\n\r\n";
    peer.send(request.getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void receive(ByteBuffer in) {
    while (in.hasRemaining()) {
      switch (stage) {
        case HEAD -> head(in);
        case FRAME_HEAD -> frameHead(in);
        case MEDIA -> media(in);
        case CONTROL -> control(in);
      }
    }
  }

  @Override
  public String stage() {
    return stage == Stage.HEAD ? "response" : "keyframe";
  }

  @Override
  public void acknowledge(long bytes) {} // TCP does it

  @Override
  public long acknowledgeEvery() {
    return Long.MAX_VALUE;
  }

  private void head(ByteBuffer in) {
    String head = answer.read(in);
    if (head == null) {
      return;
    }
    String status = AnswerHead.status(head);
    if (!status.startsWith("HTTP/1.1 101")) {
      in.position(in.limit());
      peer.fail(status);
      return;
    }
    stage = Stage.FRAME_HEAD;
  }

  private void frameHead(ByteBuffer in) {
    frame.put(in.get());
    if (frame.position() < 2) {
      return;
    }
    int second = frame.get(1);
    if (second < 0) {
      throw new IllegalStateException("the server masks its frames");
    }
    int headBytes = second == 127 ? 10 : second == 126 ? 4 : 2;
    if (frame.position() < headBytes) {
      return;
    }
    left = second == 127 ? frame.getLong(2) : second == 126 ? frame.getShort(2) & 0xFFFF : second;
    opcode = frame.get(0) & 0xF;
    frame.clear();
    controlBytes = 0;
    stage = opcode >= CLOSE ? Stage.CONTROL : Stage.MEDIA;
    if (left > LONGEST_CONTROL && stage == Stage.CONTROL) {
      throw new IllegalStateException("a control frame of " + left + " bytes");
    }
    endOfFrame();
  }

  private void media(ByteBuffer in) {
    int take = (int) Math.min(left, in.remaining());
    tags.read(in.slice(in.position(), take));
    in.position(in.position() + take);
    left -= take;
    endOfFrame();
  }

  private void control(ByteBuffer in) {
    int take = (int) Math.min(left, in.remaining());
    in.get(control, controlBytes, take);
    controlBytes += take;
    left -= take;
    endOfFrame();
  }

  private void endOfFrame() {
    if (left > 0) {
      return;
    }
    stage = Stage.FRAME_HEAD;
    if (opcode == PING) {
      byte[] pong = new byte[2 + MASK_BYTES + controlBytes]; // a mask of zeros changes nothing
      pong[0] = (byte) FIN_PONG;
      pong[1] = (byte) (MASKED | controlBytes);
      System.arraycopy(control, 0, pong, 2 + MASK_BYTES, controlBytes);
      peer.send(pong);
    } else if (opcode == CLOSE) {
      int code = controlBytes < 2 ? 0 : (control[0] & 0xFF) << 8 | (control[1] & 0xFF);
      String why =
          new String(
              control,
              Math.min(2, controlBytes),
              Math.max(0, controlBytes - 2),
              StandardCharsets.UTF_8);
      peer.fail("closed by the server: " + code + " " + why);
    }
  }
}
