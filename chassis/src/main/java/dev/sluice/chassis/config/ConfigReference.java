package dev.sluice.chassis.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The manual of a configuration, made from the record itself. */
public final class ConfigReference {
  private ConfigReference() {}

  /**
   * One setting.
   *
   * @param key as in the file, {@code zones[].region} inside a list, {@code keys.NAME} inside a map
   * @param environment the variable; empty inside lists and maps
   * @param type such as {@code duration}
   * @param def as written; empty when there is none, {@code required} when one must be given
   * @param range such as {@code 1..65535}; empty = any
   * @param doc one sentence
   * @param expert whether only an expert would touch it
   */
  public record Row(
      String key,
      String environment,
      String type,
      String def,
      String range,
      String doc,
      boolean expert) {}

  /** Every setting in the order of the records. */
  public static List<Row> describe(Class<? extends Record> type) {
    List<Row> rows = new ArrayList<>();
    collect(Schema.of(type), "", true, rows);
    return List.copyOf(rows);
  }

  private static void collect(Schema.Group group, String prefix, boolean env, List<Row> rows) {
    for (Schema.Key key : group.keys()) {
      String path = prefix + key.name();
      switch (key.schema()) {
        case Schema.Group inner -> collect(inner, path + ".", env, rows);
        case Schema.Scalar scalar -> rows.add(row(key, path, scalar, env));
        case Schema.Sequence sequence -> {
          rows.add(row(key, path, sequence, env));
          inside(sequence.element(), path + "[]", rows);
        }
        case Schema.Table table -> {
          rows.add(row(key, path, table, env));
          inside(table.value(), path + ".NAME", rows);
        }
      }
    }
  }

  private static void inside(Schema element, String path, List<Row> rows) {
    if (element instanceof Schema.Group group) {
      collect(group, path + ".", false, rows);
    }
  }

  private static Row row(Schema.Key key, String path, Schema schema, boolean env) {
    Setting setting = key.setting();
    boolean none = key.def().equals(Setting.REQUIRED);
    boolean required = none && !key.nullable() && !(schema instanceof Schema.Table);
    String def = required ? "required" : none ? "" : key.def();
    String example = setting.example().isEmpty() ? "" : " Example: `" + setting.example() + "`.";
    return new Row(
        path,
        env ? Names.environment(path) : "",
        schema.typeName(),
        def,
        setting.range(),
        setting.doc() + example,
        setting.expert());
  }

  /** A Markdown table, and a second one of what only an expert would touch. */
  public static String markdown(Class<? extends Record> type) {
    Map<Boolean, List<Row>> rows =
        describe(type).stream().collect(Collectors.partitioningBy(Row::expert));
    String usual = table(rows.getOrDefault(false, List.of()));
    List<Row> expert = rows.getOrDefault(true, List.of());
    return expert.isEmpty() ? usual : usual + "\nFor experts:\n\n" + table(expert);
  }

  private static String table(List<Row> rows) {
    StringBuilder out = new StringBuilder(4096);
    out.append("| key | type | default | range | meaning |\n|---|---|---|---|---|\n");
    for (Row row : rows) {
      out.append("| `").append(row.key()).append("` | ").append(row.type()).append(" | ");
      out.append(code(row.def())).append(" | ").append(code(row.range())).append(" | ");
      out.append(row.doc().replace("|", "\\|")).append(" |\n");
    }
    return out.toString();
  }

  /** For a terminal: the key with type, default and range, the meaning below it. */
  public static String text(Class<? extends Record> type) {
    StringBuilder out = new StringBuilder(4096);
    for (Row row : describe(type)) {
      out.append(row.key()).append(row.expert() ? "  (expert)  " : "  ").append(row.type());
      if (!row.def().isEmpty()) {
        out.append(row.def().equals("required") ? "  required" : "  default " + row.def());
      }
      if (!row.range().isEmpty()) {
        out.append("  range ").append(row.range());
      }
      out.append("\n    ").append(row.doc()).append('\n');
      if (!row.environment().isEmpty()) {
        out.append("    ").append(row.environment()).append('\n');
      }
    }
    return out.toString();
  }

  private static String code(String text) {
    return text.isEmpty() || text.equals("required") ? text : "`" + text + "`";
  }
}
