package dev.sluice.edge.cache;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** An origin that a test scripts byte for byte: it may lie, hang, trickle and cut. */
final class RawOrigin implements AutoCloseable {

  /** One request as it came. */
  record Asked(String path, Map<String, String> headers) {
    String header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }
  }

  /** Answers one request; the connection is closed when it throws. */
  interface Script {
    void answer(Asked request, OutputStream out) throws IOException;
  }

  final List<Asked> asked = new CopyOnWriteArrayList<>();
  volatile Script script;
  private final ServerSocket server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closed = new CountDownLatch(1);

  RawOrigin(Script script) throws IOException {
    this.script = script;
    Thread.ofVirtual().start(this::accept);
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        open.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      closed.countDown();
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      for (String first; (first = in.readLine()) != null; ) {
        Map<String, String> headers = new TreeMap<>();
        for (String line; (line = in.readLine()) != null && !line.isEmpty(); ) {
          int colon = line.indexOf(':');
          headers.put(
              line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        Asked request = new Asked(first.split(" ")[1], headers);
        asked.add(request);
        script.answer(request, socket.getOutputStream());
        socket.getOutputStream().flush();
      }
    } catch (IOException e) {
      // The edge left, or the script ended the connection.
    } finally {
      open.remove(socket);
    }
  }

  /** Says nothing until the origin is closed. */
  void hang() throws IOException {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new IOException("hung");
  }

  static void head(OutputStream out, String status, String... lines) throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + "\r\n");
    for (String line : lines) {
      head.append(line).append("\r\n");
    }
    out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  /** A file as an honest server sends it, by the Range of the request. */
  static void file(Asked request, OutputStream out, byte[] bytes, String... lines)
      throws IOException {
    int from = 0;
    int to = bytes.length;
    String[] more = new String[lines.length + 2];
    System.arraycopy(lines, 0, more, 0, lines.length);
    String status = "200 OK";
    more[lines.length] = "Accept-Ranges: bytes";
    String range = request.header("Range");
    if (range.startsWith("bytes=")) {
      String[] ends = range.substring(6).split("-");
      from = Integer.parseInt(ends[0]);
      to = Math.min(to, Integer.parseInt(ends[1]) + 1);
      status = "206 Partial Content";
      more[lines.length] = "Content-Range: bytes " + from + "-" + (to - 1) + "/" + bytes.length;
    }
    more[lines.length + 1] = "Content-Length: " + (to - from);
    head(out, status, more);
    out.write(bytes, from, to - from);
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
