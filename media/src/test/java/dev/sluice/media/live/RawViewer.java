package dev.sluice.media.live;

import dev.sluice.media.flv.FlvReader;
import dev.sluice.media.live.TestViewer.Seen;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A client that sends exactly the bytes it is told and reads when it is told. */
final class RawViewer implements AutoCloseable {
  static final String UPGRADE =
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

  /** One frame as it came. */
  record Frame(int opcode, byte[] payload) {
    /** The code of a close frame. */
    int code() {
      return (payload[0] & 0xFF) << 8 | (payload[1] & 0xFF);
    }

    String text() {
      return new String(payload, 2, payload.length - 2, StandardCharsets.US_ASCII);
    }
  }

  private final Socket socket = new Socket();
  private final InputStream in;
  private List<String> head = List.of();

  /** Sends a request line with {@code Host} and other headers, each ended by CR LF. */
  RawViewer(LiveServer server, String line, String headers) throws IOException {
    socket.setReceiveBufferSize(64 << 10);
    socket.setSoTimeout(90_000);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.httpPort()));
    in = new java.io.BufferedInputStream(socket.getInputStream(), 16 << 10);
    send((line + "\r\nHost: a\r\n" + headers + "\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  /** Asks for the upgrade and reads the answer's head. */
  static RawViewer webSocket(LiveServer server, String key) throws IOException {
    RawViewer viewer = new RawViewer(server, "GET /" + key + ".flv HTTP/1.1", UPGRADE);
    viewer.head();
    return viewer;
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** Reads the head of the answer: its status. */
  int head() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line; !(line = line()).isEmpty(); ) {
      lines.add(line);
    }
    head = lines;
    return Integer.parseInt(lines.getFirst().split(" ")[1]);
  }

  /** A header of the answer; empty when there is none. */
  String header(String name) {
    String start = name.toLowerCase(Locale.ROOT) + ": ";
    return head.stream()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
        .map(line -> line.substring(start.length()))
        .reduce((a, b) -> a + ", " + b)
        .orElse("");
  }

  /** Names of the answer's headers, but for those that differ with every answer. */
  List<String> headersBesidesDate() {
    return head.stream().filter(line -> !line.matches("(?i)(date|x-request-id):.*")).toList();
  }

  byte[] read(int count) throws IOException {
    return in.readNBytes(count);
  }

  byte[] readToTheEnd() throws IOException {
    return in.readAllBytes();
  }

  /** Reads chunks to the last one. */
  byte[] readChunks() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size; (size = Integer.parseInt(line(), 16)) > 0; line()) {
      body.write(in.readNBytes(size));
    }
    line();
    return body.toByteArray();
  }

  /** Reads one unmasked frame. */
  Frame frame() throws IOException {
    byte[] first = read(2);
    if (first.length < 2) {
      throw new IOException("closed without a close frame");
    }
    if ((first[0] & 0xF0) != 0x80 || first[1] < 0) {
      throw new IOException("fragmented, masked or with extensions");
    }
    long length = first[1];
    if (length >= 126) {
      length = new java.math.BigInteger(1, read(length == 126 ? 2 : 8)).longValueExact();
    }
    return new Frame(first[0] & 0xF, read(Math.toIntExact(length)));
  }

  /** Reads on to the next frame of a kind. */
  Frame await(int opcode) throws IOException {
    Frame frame = frame();
    while (frame.opcode() != opcode) {
      frame = frame();
    }
    return frame;
  }

  /** Reads messages until the newest sound has this number; what they hold. */
  List<Seen> readUntilSound(int number, FlvReader reader) throws IOException {
    List<Seen> seen = new ArrayList<>();
    do {
      Frame frame = await(2);
      reader.feed(Unpooled.wrappedBuffer(frame.payload()), tag -> seen.add(TestViewer.seen(tag)));
    } while (seen.stream().noneMatch(s -> s.sound() && s.number() >= number));
    return seen;
  }

  static FlvReader reader() {
    return new FlvReader(ByteBufAllocator.DEFAULT, 1 << 20);
  }

  /** A client's frame, masked with zeros. */
  static byte[] masked(int first, byte[] payload) {
    byte[] frame = new byte[6 + payload.length];
    frame[0] = (byte) first;
    frame[1] = (byte) (0x80 | payload.length);
    System.arraycopy(payload, 0, frame, 6, payload.length);
    return frame;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c; (c = in.read()) != '\n'; ) {
      if (c < 0) {
        throw new IOException("closed after: " + line);
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
