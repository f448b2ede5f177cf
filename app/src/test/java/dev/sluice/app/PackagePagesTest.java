package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a package's page says is so: whom it imports, and the classes that it sends a reader to. */
class PackagePagesTest {
  private static final Path ROOT = Path.of(System.getProperty("sluice.root", ".."));
  private static final String OURS = "dev.sluice.";
  private static final int MOST_FILES = 40;
  private static final int LARGEST_RING = 5;
  private static final Pattern MAY_IMPORT = Pattern.compile("May import (.*?)\\.( |$)");
  private static final Pattern CODE = Pattern.compile("\\{@code ([a-z][a-z0-9.]*)}");
  private static final Pattern LINK = Pattern.compile("\\{@link ([\\w.]+)");
  private static final Pattern CLASS_NAME =
      Pattern.compile("\\{@code ([A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+)}");

  private static final JavaClasses SLUICE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.sluice");

  /** Package, without the root that all share, to the text of its page on one line. */
  private static Map<String, String> pages() throws IOException {
    Map<String, String> found = new TreeMap<>();
    for (Path file : mainSources()) {
      if (file.endsWith("package-info.java")) {
        String text = Files.readString(file);
        Matcher comment = Pattern.compile("(?s)/\\*\\*(.*?)\\*/").matcher(text);
        Matcher name = Pattern.compile("package dev\\.sluice\\.([\\w.]+);").matcher(text);
        assertThat(comment.find() && name.find()).as("a page in %s", file).isTrue();
        found.put(name.group(1), comment.group(1).replaceAll("\\s*\\n \\* ?", " ").strip());
      }
    }
    assertThat(found).hasSizeGreaterThan(20);
    return found;
  }

  private static List<Path> mainSources() throws IOException {
    try (Stream<Path> all = Files.walk(ROOT, 20)) {
      return all.filter(file -> file.toString().matches(".*/src/main/java/.*\\.java"))
          .filter(file -> !ROOT.relativize(file).toString().matches("(.*/)?target/.*"))
          .sorted()
          .toList();
    }
  }

  @Test
  void aPackageImportsWhatItsPageSaysAndNothingElse() throws IOException {
    Map<String, Set<String>> imports = new TreeMap<>();
    for (JavaClass type : SLUICE) {
      Set<String> of = imports.computeIfAbsent(packageOf(type), name -> new TreeSet<>());
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        if (target.getPackageName().startsWith(OURS)) {
          of.add(packageOf(target));
        }
      }
      of.remove(packageOf(type));
    }
    List<String> faults = new ArrayList<>();
    Map<String, String> pages = pages();
    imports.forEach(
        (name, imported) -> {
          Matcher sentence = MAY_IMPORT.matcher(pages.getOrDefault(name, ""));
          if (!sentence.find()) {
            faults.add(name + ": its page has no sentence \"May import ...\"");
            return;
          }
          Set<String> allowed = names(sentence.group(1));
          for (String each : imported) {
            String module = each.contains(".") ? each.substring(0, each.indexOf('.')) : each;
            if (!allowed.contains(each) && !allowed.contains(module)) {
              faults.add(name + " imports " + each + " (its page: " + allowed + ")");
            }
          }
          for (String each : allowed) {
            if (each.contains(".") && !imported.contains(each)) {
              faults.add(name + " does not import " + each + ", of which its page speaks");
            }
          }
        });
    assertThat(faults).isEmpty();
  }

  private static Set<String> names(String sentence) {
    Set<String> found = new TreeSet<>();
    Matcher code = CODE.matcher(sentence);
    while (code.find()) {
      found.add(code.group(1));
    }
    return found;
  }

  private static String packageOf(JavaClass type) {
    return type.getPackageName().substring(OURS.length());
  }

  @Test
  void theClassesThatPagesNameAreThere() throws IOException {
    Set<String> names = new HashSet<>();
    Set<String> simple = new HashSet<>();
    for (JavaClass type : SLUICE) {
      names.add(type.getName().replace('$', '.'));
      simple.add(type.getSimpleName());
    }
    List<String> faults = new ArrayList<>();
    pages()
        .forEach(
            (name, text) -> {
              Matcher link = LINK.matcher(text);
              while (link.find()) {
                if (!names.contains(link.group(1))) {
                  faults.add(name + ": no class " + link.group(1));
                }
              }
              Matcher word = CLASS_NAME.matcher(text);
              while (word.find()) {
                if (!simple.contains(word.group(1))) {
                  faults.add(name + ": no class " + word.group(1));
                }
              }
            });
    assertThat(faults).isEmpty();
  }

  @Test
  void aPackageIsSmallEnoughToBeLookedThrough() throws IOException {
    Map<Path, Integer> files = new TreeMap<>();
    for (Path file : mainSources()) {
      files.merge(file.getParent(), 1, Integer::sum);
    }
    files.values().removeIf(count -> count <= MOST_FILES);
    assertThat(files).as("packages of more than %d files", MOST_FILES).isEmpty();
  }

  @Test
  void noLargeRingOfClassesNeedsEachOther() {
    Map<String, Set<String>> needs = new TreeMap<>();
    for (JavaClass type : SLUICE) {
      Set<String> of = needs.computeIfAbsent(outermost(type), name -> new TreeSet<>());
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        if (target.getPackageName().equals(type.getPackageName())) {
          of.add(outermost(target));
        }
      }
    }
    assertThat(rings(needs).stream().filter(ring -> ring.size() > LARGEST_RING).toList())
        .as("rings of more than %d classes", LARGEST_RING)
        .isEmpty();
  }

  private static String outermost(JavaClass type) {
    return type.getEnclosingClass().map(PackagePagesTest::outermost).orElse(type.getName());
  }

  /** The strongly connected parts of a graph, by Tarjan's algorithm. */
  private static List<Set<String>> rings(Map<String, Set<String>> needs) {
    List<Set<String>> found = new ArrayList<>();
    Map<String, Integer> index = new HashMap<>();
    Map<String, Integer> low = new HashMap<>();
    Deque<String> open = new ArrayDeque<>();
    for (String each : needs.keySet()) {
      if (!index.containsKey(each)) {
        visit(each, needs, index, low, open, found);
      }
    }
    return found;
  }

  private static void visit(
      String at,
      Map<String, Set<String>> needs,
      Map<String, Integer> index,
      Map<String, Integer> low,
      Deque<String> open,
      List<Set<String>> found) {
    index.put(at, index.size());
    low.put(at, index.get(at));
    open.push(at);
    for (String next : needs.getOrDefault(at, Set.of())) {
      if (!index.containsKey(next)) {
        visit(next, needs, index, low, open, found);
        low.merge(at, low.get(next), Math::min);
      } else if (open.contains(next)) {
        low.merge(at, index.get(next), Math::min);
      }
    }
    if (low.get(at).equals(index.get(at))) {
      Set<String> ring = new TreeSet<>();
      String member;
      do {
        member = open.pop();
        ring.add(member);
      } while (!member.equals(at));
      found.add(ring);
    }
  }
}
