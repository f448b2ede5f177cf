package dev.sluice.origin.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 7, number 18, at the origin itself: a file is changed while a viewer reads it. */
class ChangedWhileServedTest {
  private static final int LENGTH = 32 << 20;

  @TempDir Path directory;
  private FilesServer server;

  @BeforeEach
  void start() throws IOException {
    write("film.bin", 'A');
    server = new FilesServer(directory, StoreLimits.NONE);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private void write(String name, char with) throws IOException {
    byte[] bytes = new byte[LENGTH];
    Arrays.fill(bytes, (byte) with);
    Files.write(directory.resolve(name), bytes);
  }

  private interface Change {
    void make() throws IOException;
  }

  /** The body of an answer whose reader stops while the file is changed. */
  private byte[] readAcross(String headers, Change change) throws Exception {
    server.get("/vod/film.bin", "Range", "bytes=0-0"); // its hash is known from here on
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(64 << 10);
      socket.setSoTimeout(90_000);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()));
      String request = "GET /vod/film.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers;
      socket.getOutputStream().write((request + "\r\n").getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      byte[] begin = in.readNBytes(4096);
      change.make();
      byte[] rest = readOn(in);
      int head = new String(begin, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
      byte[] body =
          Arrays.copyOf(
              Arrays.copyOfRange(begin, head, begin.length), begin.length - head + rest.length);
      System.arraycopy(rest, 0, body, begin.length - head, rest.length);
      return body;
    }
  }

  private int port() {
    return server.uri("/").getPort();
  }

  /** All there is, also when the connection is reset behind it. */
  private static byte[] readOn(InputStream in) throws IOException {
    byte[] all = new byte[LENGTH + 4096];
    int at = 0;
    try {
      for (int n = 0; n >= 0; n = in.read(all, at, all.length - at)) {
        at += n;
      }
    } catch (java.net.SocketException e) {
      assertThat(e).hasMessageContaining("reset");
    }
    return Arrays.copyOf(all, at);
  }

  private static int count(byte[] bytes, char of) {
    int found = 0;
    for (byte b : bytes) {
      found += b == of ? 1 : 0;
    }
    return found;
  }

  private void overwrite(int from) throws IOException {
    byte[] news = new byte[LENGTH - from];
    Arrays.fill(news, (byte) 'B');
    try (RandomAccessFile file =
        new RandomAccessFile(directory.resolve("film.bin").toFile(), "rw")) {
      file.seek(from);
      file.write(news);
    }
  }

  @Test
  void aFileThatIsOverwrittenInPlaceIsNotServedAsOneOfTwoVersions() throws Exception {
    assertThat(readAcross("", () -> overwrite(0)).length).isLessThan(LENGTH);
  }

  @Test
  void norIsARangeOfIt() throws Exception {
    int first = 1000;
    byte[] body = readAcross("Range: bytes=" + first + "-\r\n", () -> overwrite(LENGTH - 1));
    assertThat(body.length).isLessThan(LENGTH - first);
  }

  @Test
  void aFileThatIsCutShortCutsItsAnswer() throws Exception {
    byte[] body =
        readAcross(
            "",
            () -> {
              try (RandomAccessFile file =
                  new RandomAccessFile(directory.resolve("film.bin").toFile(), "rw")) {
                file.setLength(100);
              }
            });
    assertThat(body.length).isLessThan(LENGTH);
  }

  @Test
  void aFileThatIsReplacedIsServedToItsEndAsItWas() throws Exception {
    write("news", 'B');
    byte[] body =
        readAcross(
            "",
            () ->
                Files.move(
                    directory.resolve("news"),
                    directory.resolve("film.bin"),
                    StandardCopyOption.ATOMIC_MOVE));
    assertThat(count(body, 'A')).isEqualTo(LENGTH);
  }

  @Test
  void aFileThatNobodyTouchesArrivesWhole() throws Exception {
    assertThat(count(readAcross("", () -> {}), 'A')).isEqualTo(LENGTH);
  }
}
