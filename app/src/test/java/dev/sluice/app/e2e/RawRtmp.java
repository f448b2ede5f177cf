package dev.sluice.app.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** An RTMP peer that says any command, and knows of answers only that they came. */
final class RawRtmp implements AutoCloseable {
  private static final int HANDSHAKE = 1536;
  private static final int LONGEST = 128;

  private final Socket socket = new Socket();
  private final StringBuilder heard = new StringBuilder();

  RawRtmp(InetSocketAddress server) throws IOException {
    socket.connect(server);
    socket.setSoTimeout(90_000);
    byte[] hello = new byte[1 + HANDSHAKE];
    hello[0] = 3;
    socket.getOutputStream().write(hello);
    byte[] answer = socket.getInputStream().readNBytes(1 + 2 * HANDSHAKE);
    socket.getOutputStream().write(answer, 1, HANDSHAKE);
  }

  static byte[] text(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte(5); // no command object
    out.writeByte(2);
    out.writeUTF(text);
    return bytes.toByteArray();
  }

  static byte[] app(String name) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte(3);
    out.writeUTF("app");
    out.writeByte(2);
    out.writeUTF(name);
    out.writeShort(0);
    out.writeByte(9);
    return bytes.toByteArray();
  }

  private static byte[] head(String command, double transaction) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte(2);
    out.writeUTF(command);
    out.writeByte(0);
    out.writeDouble(transaction);
    return bytes.toByteArray();
  }

  /** Sends a command in one chunk. */
  void ask(String command, double transaction, byte[] rest) throws IOException {
    byte[] head = head(command, transaction);
    int length = head.length + rest.length;
    if (length > LONGEST) {
      throw new IllegalArgumentException("command: " + length + " bytes (expected: <= 128)");
    }
    ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    chunk.write(new byte[] {3, 0, 0, 0, 0, 0, (byte) length, 20, 0, 0, 0, 0});
    chunk.write(head);
    chunk.write(rest);
    socket.getOutputStream().write(chunk.toByteArray());
  }

  /** Waits for an answer that begins so. */
  void await(String command, double transaction) throws IOException {
    String wanted = new String(head(command, transaction), ISO_8859_1);
    byte[] bytes = new byte[4096];
    while (heard.indexOf(wanted) < 0) {
      int count = socket.getInputStream().read(bytes);
      if (count < 0) {
        throw new EOFException("no " + command);
      }
      heard.append(new String(bytes, 0, count, ISO_8859_1));
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
