package dev.sluice.media.rtmp;

import dev.sluice.media.Wire;
import dev.sluice.media.flv.FlvTag;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client and a server session that talk in memory; bytes wait until {@link #run}. */
final class SessionPair implements AutoCloseable {
  final List<String> serverSaw = new ArrayList<>();
  final List<String> clientSaw = new ArrayList<>();
  final List<byte[]> tagPayloads = new ArrayList<>();
  final List<Long> tagTimes = new ArrayList<>();
  final RtmpServerSession server;
  final RtmpClientSession client;
  boolean acceptAtOnce = true;
  @Nullable PublishRequest publish;
  @Nullable PlayRequest play;

  private final ArrayDeque<byte[]> toServer = new ArrayDeque<>();
  private final ArrayDeque<byte[]> toClient = new ArrayDeque<>();
  private final int pieceBytes;
  private long nowNanos = 1_000_000_000L;

  SessionPair(RtmpTarget target, RtmpClientSession.Mode mode, int pieceBytes) {
    this.pieceBytes = pieceBytes;
    server =
        new RtmpServerSession(
            RtmpLimits.DEFAULT,
            bytes -> {
              toClient.add(Wire.bytes(bytes));
              bytes.release();
            },
            new Server());
    client =
        new RtmpClientSession(
            RtmpLimits.DEFAULT,
            bytes -> {
              toServer.add(Wire.bytes(bytes));
              bytes.release();
            },
            new Client(),
            target,
            mode);
    client.start(nowNanos);
  }

  /** Moves bytes until both are silent. */
  SessionPair run() {
    while (!toServer.isEmpty() || !toClient.isEmpty()) {
      nowNanos += 1_000_000;
      byte[] up = toServer.poll();
      if (up != null) {
        Wire.lendInPieces(up, pieceBytes, in -> server.receive(in, nowNanos));
      }
      byte[] down = toClient.poll();
      if (down != null) {
        Wire.lendInPieces(down, pieceBytes, in -> client.receive(in, nowNanos));
      }
    }
    return this;
  }

  /** What the live engine does for a viewer: bytes behind the session's own. */
  void writeToClient(byte[] bytes) {
    toClient.add(bytes);
  }

  /** What another server would say. Takes ownership. */
  void fromServer(ByteBuf bytes) {
    toClient.add(Wire.bytes(bytes));
    bytes.release();
  }

  @Override
  public void close() {
    server.close();
    client.close();
  }

  private void saw(FlvTag tag, List<String> by) {
    by.add(tag.toString());
    tagPayloads.add(Wire.bytes(tag.payload()));
    tagTimes.add(tag.timestampMs());
  }

  private final class Server implements ServerEvents {
    @Override
    public void onPublish(PublishRequest request) {
      publish = request;
      serverSaw.add(request.toString());
      if (acceptAtOnce) {
        server.acceptPublish();
      }
    }

    @Override
    public void onPlay(PlayRequest request) {
      play = request;
      serverSaw.add(request.toString());
      if (acceptAtOnce) {
        server.acceptPlay();
      }
    }

    @Override
    public void onTag(FlvTag tag) {
      saw(tag, serverSaw);
    }

    @Override
    public void onUnpublish(boolean explicit) {
      serverSaw.add("unpublish " + (explicit ? "explicit" : "lost"));
    }

    @Override
    public void onGetStreamLength(PlayRequest request, double transaction) {}

    @Override
    public void onStop() {
      serverSaw.add("stop");
    }

    @Override
    public void onSetBuffer(long bufferMs) {
      serverSaw.add("buffer " + bufferMs);
    }
  }

  private final class Client implements ClientEvents {
    @Override
    public void onReady() {
      clientSaw.add("ready");
    }

    @Override
    public void onTag(FlvTag tag) {
      saw(tag, clientSaw);
    }

    @Override
    public void onStatus(String level, String code, String description) {
      clientSaw.add(code);
    }

    @Override
    public void onEnd(SessionEnd end) {
      clientSaw.add(end.kind() + " " + end.code() + ": " + end.description());
    }
  }
}
