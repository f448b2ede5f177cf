package dev.sluice.origin.files.local;

import dev.sluice.origin.files.FilePath;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Walks the visible files below a directory in the order of their whole names, and enters only
 * directories that can hold what is asked for. Files that come or go meanwhile may or may not be
 * seen. Directories behind symbolic links are not entered: they may lead in circles.
 */
final class FileTree {
  private final Path root;
  private final String prefix;
  private final String after;
  private final Visitor visitor;

  /** Takes one file; says whether to go on. */
  interface Visitor {
    boolean file(FilePath path, FileIdentity identity);
  }

  private record Entry(String sortName, Path path, boolean directory) {}

  private FileTree(Path root, String prefix, String after, Visitor visitor) {
    this.root = root;
    this.prefix = prefix;
    this.after = after;
    this.visitor = visitor;
  }

  static void walk(Path root, String prefix, String after, Visitor visitor) throws IOException {
    new FileTree(root, prefix, after, visitor).enter(root, "");
  }

  /**
   * Whether a path is among what can be seen here: the file it leads to, or the nearest directory
   * above it that exists, is below the root whatever symbolic links are in it, and not hidden.
   *
   * @param root absolute
   * @param file below it by its name
   */
  static boolean holds(Path root, Path file) throws IOException {
    Path real = root.toRealPath();
    Path there = file;
    while (!Files.exists(there)) {
      if (Files.isSymbolicLink(there)) {
        return false; // it leads to nothing yet
      }
      Path above = there.getParent();
      if (above == null || there.equals(root)) {
        return true;
      }
      there = above;
    }
    Path leads = there.toRealPath();
    if (!leads.startsWith(real)) {
      return false;
    }
    for (Path part : real.relativize(leads)) {
      if (part.toString().startsWith(".")) {
        return false;
      }
    }
    return true;
  }

  private boolean enter(Path directory, String name) throws IOException {
    for (Entry entry : entries(directory)) {
      String path = name + entry.sortName;
      if (entry.directory) {
        if (mayHold(path) && !enter(entry.path, path)) {
          return false;
        }
      } else if (path.startsWith(prefix) && path.compareTo(after) > 0) {
        FileIdentity identity =
            FilePath.fault(path) == null && mayBeSeen(entry.path)
                ? FileIdentity.of(entry.path)
                : null;
        if (identity != null && !visitor.file(new FilePath(path), identity)) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean mayHold(String directory) {
    boolean named = directory.startsWith(prefix) || prefix.startsWith(directory);
    return named && (directory.compareTo(after) > 0 || after.startsWith(directory));
  }

  private boolean mayBeSeen(Path file) throws IOException {
    return !Files.isSymbolicLink(file) || holds(root, file);
  }

  /** A directory sorts as its name with a slash, so that whole paths come in order. */
  private static List<Entry> entries(Path directory) throws IOException {
    List<Entry> found = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      for (Path path : stream) {
        String name = path.getFileName().toString();
        if (!name.startsWith(".")) {
          boolean below = Files.isDirectory(path);
          if (!below || !Files.isSymbolicLink(path)) {
            found.add(new Entry(below ? name + "/" : name, path, below));
          }
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    found.sort(Comparator.comparing(Entry::sortName));
    return found;
  }
}
