package dev.sluice.origin.dvr;

import dev.sluice.chassis.http.ReadableFile;
import dev.sluice.chassis.http.VersionCheck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/** A directory of this machine. */
final class LocalDvrDisk implements DvrDisk {
  private final Path root;

  /** Makes the directory if it is not there. */
  LocalDvrDisk(Path root) throws IOException {
    this.root = Files.createDirectories(root);
  }

  @Override
  public void write(String name, ByteBuffer... bytes) throws IOException {
    Path file = root.resolve(name);
    Path part = root.resolve(name + DvrNames.PART);
    Files.createDirectories(part.getParent());
    try {
      try (FileChannel to =
          FileChannel.open(
              part,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        long left = 0;
        for (ByteBuffer each : bytes) {
          left += each.remaining();
        }
        while (left > 0) {
          left -= to.write(bytes);
        }
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      try {
        Files.deleteIfExists(part);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  @Override
  public ReadableFile open(String name) throws IOException {
    return ReadableFile.local(
        FileChannel.open(root.resolve(name), StandardOpenOption.READ), VersionCheck.NONE);
  }

  @Override
  public long size(String name) throws IOException {
    return Files.size(root.resolve(name));
  }

  @Override
  public byte[] read(String name) throws IOException {
    return Files.readAllBytes(root.resolve(name));
  }

  @Override
  public List<Entry> list(String name) throws IOException {
    List<Entry> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(root.resolve(name))) {
      for (Path each : all) {
        BasicFileAttributes is = Files.readAttributes(each, BasicFileAttributes.class);
        found.add(new Entry(each.getFileName().toString(), is.size(), is.isDirectory()));
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return found;
    }
    return found;
  }

  @Override
  public void remove(String name) throws IOException {
    try {
      Files.deleteIfExists(root.resolve(name));
    } catch (DirectoryNotEmptyException e) {
      // kept: something of somebody else's is in it
    }
  }
}
