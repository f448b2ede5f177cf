package dev.sluice.lab.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A blocking RTMP connection that publishes: handshake, connect, createStream, publish, media.
 *
 * <p>Threading: one thread writes; a virtual thread drops what the server sends once it publishes.
 */
final class PublishConnection implements AutoCloseable {
  private static final int CONNECT_TIMEOUT_MS = 5000;
  private static final int ANSWER_TIMEOUT_MS = 10_000;
  private static final int READ_BYTES = 8192;
  private static final int COMMAND = 20;
  private static final int AUDIO_CHUNKS = 4;
  private static final int VIDEO_CHUNKS = 6;
  private static final int HEADER = 12;
  private static final int EXTENDED = 0xFFFFFF;

  private final Socket socket = new Socket();
  private final OutputStream out;
  private final InputStream in;
  private final RtmpChunkReader chunks = new RtmpChunkReader(this::message);
  private final byte[] header = new byte[HEADER + 4];
  private @Nullable String answer;
  private int streamId;

  /**
   * Connects and publishes.
   *
   * @throws IOException saying at which step the server refused
   */
  PublishConnection(StreamUrl url) throws IOException {
    try {
      socket.connect(url.address(), CONNECT_TIMEOUT_MS);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(ANSWER_TIMEOUT_MS);
      out = socket.getOutputStream();
      in = socket.getInputStream();
      publish(url);
      socket.setSoTimeout(0);
      Thread.ofVirtual().name("bench-publish-drain").start(this::drain);
    } catch (IOException | IllegalStateException e) {
      socket.close();
      throw new IOException("cannot publish to " + url + ": " + e.getMessage(), e);
    }
  }

  private void publish(StreamUrl url) throws IOException {
    out.write(RtmpCommands.hello());
    byte[] handshake = in.readNBytes(RtmpCommands.SERVER_HANDSHAKE);
    if (handshake.length < RtmpCommands.SERVER_HANDSHAKE) {
      throw new IOException("the server closed during the handshake");
    }
    out.write(RtmpCommands.echo(handshake));
    out.write(RtmpCommands.chunkSize());
    out.write(RtmpCommands.connect(url));
    await("connect", "_result");
    out.write(RtmpCommands.createStream());
    await("createStream", "_result");
    out.write(RtmpCommands.publish(streamId, url.name()));
    await("publish", "NetStream.Publish.Start");
  }

  private void await(String step, String wanted) throws IOException {
    answer = null;
    byte[] buffer = new byte[READ_BYTES];
    while (answer == null) {
      int read = in.read(buffer);
      if (read < 0) {
        throw new IOException(step + ": the server closed");
      }
      chunks.read(ByteBuffer.wrap(buffer, 0, read));
    }
    if (!wanted.equals(answer)) {
      throw new IOException(step + ": " + answer);
    }
  }

  private void message(int type, long timestampMs, int length, byte[] head, int headBytes) {
    if (type != COMMAND) {
      return;
    }
    List<Object> values = Amf.decode(head, headBytes);
    if (values.isEmpty() || !(values.getFirst() instanceof String name)) {
      return;
    }
    if (name.equals("_result")) {
      answer = name;
      if (values.size() > 3 && values.get(3) instanceof Double id) {
        streamId = id.intValue();
      }
    } else if (name.equals("_error") || name.equals("onStatus")) {
      answer = status(values, name);
    }
  }

  private static String status(List<Object> values, String fallback) {
    for (Object value : values) {
      if (value instanceof Map<?, ?> map && map.get("code") instanceof String code) {
        boolean error = "error".equals(map.get("level"));
        return error ? code + " " + map.get("description") : code;
      }
    }
    return fallback;
  }

  /** Sends one frame in one message; bytes of chunk headers count as sent too. */
  int send(Frame frame) throws IOException {
    byte[] body = frame.body;
    int chunkStream = frame.type == MediaSink.VIDEO ? VIDEO_CHUNKS : AUDIO_CHUNKS;
    boolean extended = frame.timestampMs >= EXTENDED;
    long field = extended ? EXTENDED : frame.timestampMs;
    RtmpCommands.header(header, chunkStream, frame.type, streamId, field, body.length);
    ByteBuffer.wrap(header).putInt(HEADER, (int) frame.timestampMs);
    int time = extended ? 4 : 0;
    int headers = HEADER + time;
    int firstChunk = Math.min(body.length, RtmpCommands.CHUNK_SIZE);
    byte[] message = new byte[headers + firstChunk];
    System.arraycopy(header, 0, message, 0, headers);
    System.arraycopy(body, 0, message, headers, firstChunk);
    out.write(message);
    int sent = message.length;
    for (int at = firstChunk; at < body.length; at += RtmpCommands.CHUNK_SIZE) {
      int chunk = Math.min(body.length - at, RtmpCommands.CHUNK_SIZE);
      out.write(0xC0 | chunkStream);
      out.write(header, HEADER, time);
      out.write(body, at, chunk);
      sent += 1 + time + chunk;
    }
    return sent;
  }

  /**
   * Several frames in the chunks that {@link #send} would write, for any connection: servers give
   * the first stream of a connection the id 1.
   */
  static byte[] encode(List<Frame> frames) {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    byte[] header = new byte[HEADER + 4];
    for (Frame frame : frames) {
      byte[] body = frame.body;
      int chunkStream = frame.type == MediaSink.VIDEO ? VIDEO_CHUNKS : AUDIO_CHUNKS;
      boolean extended = frame.timestampMs >= EXTENDED;
      long field = extended ? EXTENDED : frame.timestampMs;
      RtmpCommands.header(header, chunkStream, frame.type, 1, field, body.length);
      ByteBuffer.wrap(header).putInt(HEADER, (int) frame.timestampMs);
      int time = extended ? 4 : 0;
      encoded.write(header, 0, HEADER + time);
      for (int at = 0; at < body.length; at += RtmpCommands.CHUNK_SIZE) {
        if (at > 0) {
          encoded.write(0xC0 | chunkStream);
          encoded.write(header, HEADER, time);
        }
        encoded.write(body, at, Math.min(body.length - at, RtmpCommands.CHUNK_SIZE));
      }
    }
    return encoded.toByteArray();
  }

  /** Sends what was encoded. */
  void write(byte[] encoded) throws IOException {
    out.write(encoded);
  }

  /** Tells the server that the stream is over, which a broken line does not. */
  void sayGoodbye() throws IOException {
    out.write(RtmpCommands.deleteStream(streamId));
  }

  private void drain() {
    byte[] buffer = new byte[READ_BYTES];
    try {
      int read = 0;
      while (read >= 0) {
        read = in.read(buffer);
      }
    } catch (IOException e) {
      return; // closed by either side: the writer notices
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
