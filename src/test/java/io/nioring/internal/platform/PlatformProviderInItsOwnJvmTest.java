package io.nioring.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What depends on the flags of the {@code java} command, so that each case needs its own JVM. */
class PlatformProviderInItsOwnJvmTest {

  private static final String PROVIDER_KEY = "java.nio.channels.spi.SelectorProvider";

  @TempDir Path directory;

  @Test
  void isFoundWithoutAFlag() throws Exception {
    assertThat(run()).containsExactly("opened by " + platformClass());
  }

  @Test
  void isFoundInTheConstructorOfTheProviderThatThePropertyNames() throws Exception {
    String named = NamedProvider.class.getName();

    assertThat(run("-D" + PROVIDER_KEY + "=" + named))
        .containsExactly("opened by " + platformClass(), "JVM has " + named);
  }

  @Test
  void isFoundThroughTheExportWithoutTheReflectionFactory() throws Exception {
    assertThat(run("--limit-modules=java.base", "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED"))
        .containsExactly("opened by " + platformClass());
  }

  @Test
  void isFoundWithTheModuleThatTheMessageNames() throws Exception {
    assertThat(run("--limit-modules=java.base", "--add-modules=jdk.unsupported"))
        .containsExactly("opened by " + platformClass());
  }

  @Test
  void isUnavailableWithNeitherAndSaysWhatWouldHelp() throws Exception {
    assertThat(run("--limit-modules=java.base"))
        .singleElement()
        .asString()
        .contains("--add-modules jdk.unsupported")
        .contains("--add-exports java.base/sun.nio.ch=ALL-UNNAMED");
  }

  private static String platformClass() {
    return PlatformProvider.lazy().get().getClass().getName();
  }

  private List<String> run(String... flags) throws Exception {
    return ChildJvm.run(directory, Main.class, flags);
  }

  /** What runs in the other JVM. */
  static final class Main {

    private Main() {}

    public static void main(String[] args) throws IOException {
      PlatformProvider platform = PlatformProvider.lazy();
      try (Selector selector = platform.get().openSelector()) {
        System.out.println("opened by " + selector.provider().getClass().getName());
        if (System.getProperty(PROVIDER_KEY) != null) {
          System.out.println("JVM has " + SelectorProvider.provider().getClass().getName());
        }
      } catch (UnsupportedOperationException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  /** A provider that looks for the platform's while the JVM initializes its own. */
  public static final class NamedProvider extends SelectorProvider {

    private final SelectorProvider platform = PlatformProvider.lazy().get();

    public NamedProvider() {}

    @Override
    public DatagramChannel openDatagramChannel() throws IOException {
      return platform.openDatagramChannel();
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
      return platform.openDatagramChannel(family);
    }

    @Override
    public Pipe openPipe() throws IOException {
      return platform.openPipe();
    }

    @Override
    public AbstractSelector openSelector() throws IOException {
      return platform.openSelector();
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
      return platform.openServerSocketChannel();
    }

    @Override
    public SocketChannel openSocketChannel() throws IOException {
      return platform.openSocketChannel();
    }
  }
}
