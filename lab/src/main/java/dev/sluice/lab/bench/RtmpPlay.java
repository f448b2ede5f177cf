package dev.sluice.lab.bench;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** A minimal RTMP player: handshake, connect, createStream, play; then it answers pings. */
final class RtmpPlay implements PlayProtocol {
  private static final int ACK_WINDOW = 5;
  private static final int USER_CONTROL = 4;
  private static final int PING_REQUEST = 6;
  private static final int COMMAND = 20;
  private static final int BUFFER_MS = 1000;

  private final StreamUrl url;
  private final Peer peer;
  private final RtmpChunkReader chunks = new RtmpChunkReader(this::message);
  private byte[] handshake = new byte[RtmpCommands.SERVER_HANDSHAKE];
  private int handshakeBytes;
  private String stage = "handshake";
  private long acknowledgeEvery = Long.MAX_VALUE;

  RtmpPlay(StreamUrl url, Peer peer) {
    this.url = url;
    this.peer = peer;
  }

  @Override
  public void connected() {
    peer.send(RtmpCommands.hello());
  }

  @Override
  public void receive(ByteBuffer in) {
    if (handshakeBytes < RtmpCommands.SERVER_HANDSHAKE) {
      int take = Math.min(in.remaining(), RtmpCommands.SERVER_HANDSHAKE - handshakeBytes);
      in.get(handshake, handshakeBytes, take);
      handshakeBytes += take;
      if (handshakeBytes < RtmpCommands.SERVER_HANDSHAKE) {
        return;
      }
      peer.send(RtmpCommands.echo(handshake));
      handshake = new byte[0];
      peer.send(RtmpCommands.chunkSize());
      peer.send(RtmpCommands.connect(url));
      stage = "connect";
    }
    chunks.read(in);
  }

  @Override
  public String stage() {
    return stage;
  }

  @Override
  public void acknowledge(long bytes) {
    if (handshake.length == 0) {
      peer.send(RtmpCommands.acknowledgement(bytes));
    }
  }

  @Override
  public long acknowledgeEvery() {
    return acknowledgeEvery;
  }

  private void message(int type, long timestampMs, int length, byte[] head, int headBytes) {
    if (type == MediaSink.AUDIO || type == MediaSink.VIDEO) {
      stage = "keyframe";
      peer.message(type, timestampMs, length, head, headBytes);
    } else if (type == ACK_WINDOW && headBytes >= 4) {
      acknowledgeEvery = Math.max(1, ByteBuffer.wrap(head).getInt() / 2);
    } else if (type == USER_CONTROL && headBytes >= 6 && head[1] == PING_REQUEST) {
      peer.send(RtmpCommands.pingResponse(head));
    } else if (type == COMMAND) {
      command(Amf.decode(head, headBytes));
    }
  }

  private void command(List<Object> values) {
    if (values.size() < 2 || !(values.getFirst() instanceof String name)) {
      return;
    }
    switch (name) {
      case "_result" -> result(values);
      case "_error" -> peer.fail(stage + " refused: " + description(values));
      case "onStatus" -> status(values);
      default -> {} // onBWDone and the like need no answer
    }
  }

  private void result(List<Object> values) {
    if (values.get(1).equals(RtmpCommands.CONNECT)) {
      stage = "createStream";
      peer.send(RtmpCommands.windowSize());
      peer.send(RtmpCommands.createStream());
    } else if (values.get(1).equals(RtmpCommands.CREATE_STREAM)
        && values.size() > 3
        && values.get(3) instanceof Double id) {
      stage = "play";
      peer.send(RtmpCommands.play(id.intValue(), url.name()));
      peer.send(RtmpCommands.bufferLength(id.intValue(), BUFFER_MS));
    }
  }

  private void status(List<Object> values) {
    String code = property(values, "code");
    if ("error".equals(property(values, "level")) || code.endsWith("UnpublishNotify")) {
      peer.fail(code + ": " + description(values));
    }
  }

  private static String description(List<Object> values) {
    return property(values, "description");
  }

  private static String property(List<Object> values, String key) {
    for (Object value : values) {
      if (value instanceof Map<?, ?> map && map.get(key) instanceof String text) {
        return text;
      }
    }
    return "";
  }
}
