package dev.sluice.chassis.config;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a secret must be before a server starts with it: the operator's own, long enough not to be
 * guessed, and in no file that others can read. The demo, whose secret everybody knows, does not
 * ask.
 *
 * <p>A file is read by others when its mode has any bit for them, or a bit for its group while it
 * belongs to the very user that asks: then the group is not how this user gets at it. A file of
 * root that the group of the service may read is as it should be.
 */
public final class SecretRules {
  /** Fewest characters of a secret. */
  public static final int SHORTEST = 16;

  /** Fewest different characters: 16 random hexadecimal digits have as many but for 1 of 10^5. */
  private static final int FEWEST_DIFFERENT = 5;

  private static final String MAKE_ONE = "`sluice token new` makes one";

  /** What the example of the Ansible inventory has begins so; the demo's is {@code demo}. */
  private static final String PLACEHOLDER = "change-me";

  private final Path file;
  private final Map<String, String> env;
  private final List<Fault> faults = new ArrayList<>();
  private boolean inline;

  private SecretRules(Path file, Map<String, String> env) {
    this.file = file;
    this.env = env;
  }

  /**
   * Every fault of the secrets in a configuration.
   *
   * @param file that it was read from
   * @param env the environment, whose values are in no file
   */
  public static List<Fault> faults(Record config, Path file, Map<String, String> env) {
    SecretRules rules = new SecretRules(file, env);
    rules.walk(config, "", "");
    String open = rules.inline ? readByOthers(file) : "";
    if (!open.isEmpty()) {
      rules.fault("", "", "mode 0600, as it holds secrets and " + open + ": chmod 600 " + file);
    }
    return List.copyOf(rules.faults);
  }

  /**
   * Looks at a value and what is in it.
   *
   * @param setting the key that a variable could name: that of the list or map around the value
   */
  private void walk(@Nullable Object value, String key, String setting) {
    switch (value) {
      case null -> {}
      case Secret secret -> check(secret, key, setting);
      case TlsConfig tls -> checkFile(key + ".key", tls.key());
      case Record record -> {
        for (RecordComponent part : record.getClass().getRecordComponents()) {
          String name = key.isEmpty() ? part.getName() : key + "." + part.getName();
          boolean inlined = part.isAnnotationPresent(Inlined.class);
          walk(valueOf(part, record), inlined ? key : name, inlined ? key : name);
        }
      }
      case List<?> list -> {
        for (int i = 0; i < list.size(); i++) {
          walk(list.get(i), key + ".[" + i + "]", setting);
        }
      }
      case Map<?, ?> map -> map.forEach((name, inner) -> walk(inner, key + "." + name, setting));
      default -> {}
    }
  }

  private static @Nullable Object valueOf(RecordComponent part, Record record) {
    try {
      part.getAccessor().setAccessible(true);
      return part.getAccessor().invoke(record);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("cannot read " + part, e);
    }
  }

  private void check(Secret secret, String key, String setting) {
    if (secret.isEmpty()) {
      return;
    }
    String text = secret.reveal();
    if (text.equals("demo") || text.startsWith(PLACEHOLDER)) {
      fault(key, "******", "a secret of your own, as this one ships with Sluice; " + MAKE_ONE);
    } else if (text.length() < SHORTEST) {
      fault(key, "******", "at least " + SHORTEST + " characters; " + MAKE_ONE);
    } else if (text.chars().distinct().count() < FEWEST_DIFFERENT) {
      fault(key, "******", "more than the same few characters again and again; " + MAKE_ONE);
    }
    Path from = secret.file();
    if (from != null) {
      checkFile(key, from.toString());
    } else {
      inline |= !env.containsKey(Names.environment(setting));
    }
  }

  private void checkFile(String key, String name) {
    String open = name.isEmpty() ? "" : readByOthers(Path.of(name));
    if (!open.isEmpty()) {
      fault(key, name, "a file that nobody else can read, and " + open + ": chmod 600 " + name);
    }
  }

  private void fault(String key, String value, String expected) {
    faults.add(new Fault(file.toString(), 0, key, value, expected));
  }

  /** What is wrong with a file's permissions; empty when nothing is, or when it has none. */
  static String readByOthers(Path file) {
    PosixFileAttributes found;
    try {
      found = Files.readAttributes(file, PosixFileAttributes.class);
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
    Set<PosixFilePermission> set = found.permissions();
    String mode = PosixFilePermissions.toString(set);
    boolean others = mode.substring(6).chars().anyMatch(c -> c != '-');
    boolean group = mode.substring(3, 6).chars().anyMatch(c -> c != '-');
    boolean mine = found.owner().getName().equals(System.getProperty("user.name"));
    if (others || (group && mine) || set.contains(PosixFilePermission.GROUP_WRITE)) {
      return "others can with its mode " + mode;
    }
    return "";
  }
}
