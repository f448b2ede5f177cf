package dev.sluice.chassis.config;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** YAML text to nodes that know their lines. */
final class YamlText {
  private YamlText() {}

  /**
   * The root node, or null for a document without content.
   *
   * @throws ConfigException if the text is not YAML
   */
  static @Nullable Node parse(String text, String file) {
    LoadSettings settings = LoadSettings.builder().setLabel(file).build();
    try {
      Optional<Node> root = new Compose(settings).composeString(text);
      return root.filter(node -> !isNull(node)).orElse(null);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
      int column = e.getProblemMark().map(mark -> mark.getColumn() + 1).orElse(0);
      String problem = "no YAML at column " + column + ": " + e.getProblem();
      throw new ConfigException(List.of(new Fault(file, line, "", "", problem)));
    } catch (YamlEngineException e) {
      throw new ConfigException(List.of(new Fault(file, 0, "", "", "no YAML: " + e.getMessage())));
    }
  }

  static int line(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
  }

  static boolean isNull(Node node) {
    return node instanceof ScalarNode && node.getTag().equals(Tag.NULL);
  }
}
