package dev.sluice.chassis.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Makes a configuration record from a YAML text and the environment. A key {@code http.port} may
 * also be given as the variable {@code SLUICE_HTTP_PORT}, which wins; lists are then written {@code
 * a, b} or, like maps, as YAML in brackets.
 */
public final class ConfigLoader {
  private static final String PREFIX = "SLUICE_";

  private ConfigLoader() {}

  /**
   * Loads one record.
   *
   * @param type a record whose components all have {@link Setting}
   * @param yaml the text; may be empty
   * @param fileName to name in faults
   * @param env the environment, as {@link System#getenv()}
   * @throws ConfigException with every fault there is
   */
  public static <R extends Record> R load(
      Class<R> type, String yaml, String fileName, Map<String, String> env) {
    Node root = YamlText.parse(yaml, fileName);
    Schema.Group schema = Schema.of(type);
    ConfigReading reading = new ConfigReading(fileName, env);
    Object value = reading.read(schema, root);
    List<Fault> faults = new ArrayList<>(reading.faults());
    faults.addAll(strangers(schema, env));
    if (!faults.isEmpty()) {
      // In the order of the file; what has no line comes last and keeps its order.
      faults.sort(Comparator.comparingInt(f -> f.line() > 0 ? f.line() : Integer.MAX_VALUE));
      throw new ConfigException(faults);
    }
    return type.cast(value);
  }

  /** Variables that were probably meant for us; others may belong to the operator's own tools. */
  private static List<Fault> strangers(Schema.Group schema, Map<String, String> env) {
    List<String> known = new ArrayList<>();
    collect(schema, "", known);
    List<Fault> faults = new ArrayList<>();
    for (String name : env.keySet()) {
      if (name.startsWith(PREFIX) && !known.contains(name.substring(PREFIX.length()))) {
        @Nullable String meant = Names.nearest(name.substring(PREFIX.length()), known);
        if (meant != null) {
          faults.add(
              new Fault("environment", 0, name, "", "a known key; did you mean " + PREFIX + meant));
        }
      }
    }
    return faults;
  }

  private static void collect(Schema.Group group, String prefix, List<String> names) {
    for (Schema.Key key : group.keys()) {
      String path = prefix + key.name();
      switch (key.schema()) {
        case Schema.Group inner -> collect(inner, path + ".", names);
        case Schema.Scalar _, Schema.Sequence _, Schema.Table _ ->
            names.add(Names.environment(path).substring(PREFIX.length()));
      }
    }
  }
}
