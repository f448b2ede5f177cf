package dev.sluice.origin.dvr;

import dev.sluice.chassis.http.ReadableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** A disk with so much room; when it is used up, writing fails as it would. */
final class MemoryDvrDisk implements DvrDisk {
  private final TreeMap<String, byte[]> files = new TreeMap<>();
  private long room = Long.MAX_VALUE;

  synchronized void room(long bytes) {
    room = bytes;
  }

  synchronized List<String> names() {
    return List.copyOf(files.keySet());
  }

  synchronized void put(String name, byte[] bytes) {
    files.put(name, bytes);
  }

  @Override
  public synchronized void write(String name, ByteBuffer... bytes) throws IOException {
    int size = 0;
    for (ByteBuffer each : bytes) {
      size += each.remaining();
    }
    if (size > room) {
      throw new IOException("No space left on device");
    }
    room -= size;
    ByteBuffer all = ByteBuffer.allocate(size);
    for (ByteBuffer each : bytes) {
      all.put(each);
    }
    files.put(name, all.array());
  }

  @Override
  public ReadableFile open(String name) throws IOException {
    byte[] bytes = read(name);
    return new ReadableFile() {
      @Override
      public int read(ByteBuffer into, long position) {
        int some = (int) Math.min(into.remaining(), bytes.length - position);
        into.put(bytes, (int) position, Math.max(0, some));
        return some <= 0 ? -1 : some;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public long size(String name) throws IOException {
    return read(name).length;
  }

  @Override
  public synchronized byte[] read(String name) throws IOException {
    byte[] bytes = files.get(name);
    if (bytes == null) {
      throw new NoSuchFileException(name);
    }
    return bytes;
  }

  @Override
  public synchronized List<Entry> list(String name) {
    String prefix = name.isEmpty() || name.endsWith("/") ? name : name + "/";
    TreeSet<String> directories = new TreeSet<>();
    List<Entry> found = new ArrayList<>();
    files.forEach(
        (file, bytes) -> {
          if (file.startsWith(prefix)) {
            String rest = file.substring(prefix.length());
            int slash = rest.indexOf('/');
            if (slash < 0) {
              found.add(new Entry(rest, bytes.length, false));
            } else if (directories.add(rest.substring(0, slash))) {
              found.add(new Entry(rest.substring(0, slash), 0, true));
            }
          }
        });
    return found;
  }

  @Override
  public synchronized void remove(String name) {
    byte[] gone = files.remove(name);
    room += gone == null ? 0 : gone.length;
  }
}
