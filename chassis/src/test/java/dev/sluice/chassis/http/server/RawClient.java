package dev.sluice.chassis.http.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A client that sends exactly the bytes it is told and reads one answer at a time. */
public final class RawClient implements AutoCloseable {
  private final Socket socket = new Socket();
  private final InputStream in;

  public record Answer(int status, List<String> headers, byte[] body) {
    public String header(String name) {
      for (String line : headers) {
        if (line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ": ")) {
          return line.substring(name.length() + 2);
        }
      }
      return "";
    }

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  public RawClient(InetSocketAddress server) throws IOException {
    socket.connect(server, 5000);
    socket.setSoTimeout(90_000);
    socket.setTcpNoDelay(true);
    in = socket.getInputStream();
  }

  Socket socket() {
    return socket;
  }

  public RawClient send(String bytes) throws IOException {
    return send(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  public RawClient send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /** The next answer; a body without length reaches to the end of the connection. */
  public Answer answer(boolean headRequest) throws IOException {
    String status = line();
    List<String> headers = new ArrayList<>();
    for (String line; !(line = line()).isEmpty(); ) {
      headers.add(line);
    }
    int code = Integer.parseInt(status.split(" ")[1]);
    Answer head = new Answer(code, headers, new byte[0]);
    if (headRequest || code == 204 || code == 304 || code == 100) {
      return head;
    }
    if (head.header("Transfer-Encoding").equals("chunked")) {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      for (int size; (size = Integer.parseInt(line(), 16)) > 0; line()) {
        body.write(in.readNBytes(size));
      }
      line();
      return new Answer(code, headers, body.toByteArray());
    }
    String length = head.header("Content-Length");
    byte[] body =
        length.isEmpty() ? in.readAllBytes() : in.readNBytes((int) Long.parseLong(length));
    return new Answer(code, headers, body);
  }

  public Answer answer() throws IOException {
    return answer(false);
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

  /** True if the server ends the connection without another byte. */
  boolean closed() throws IOException {
    try {
      return in.read() < 0;
    } catch (java.net.SocketException reset) {
      return true;
    }
  }

  public InputStream in() {
    return in;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
