package io.nioring.junit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

/** What somebody is told whose JUnit is too old. */
class JUnitVersionTest {
  /** JUnit 5.13 and before. */
  private static final class Old extends ClassLoader {
    Old() {
      super(JUnitVersionTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.endsWith(".MediaType")) {
        throw new ClassNotFoundException(name);
      }
      return super.loadClass(name, resolve);
    }
  }

  @Test
  void anOldOneIsNamedWithWhatIsNeeded() {
    JUnitVersion.ensureNewEnough(getClass().getClassLoader());
    Old old = new Old();
    assertThatThrownBy(() -> JUnitVersion.ensureNewEnough(old))
        .isInstanceOf(ExtensionConfigurationException.class)
        .hasMessageStartingWith("RingNetworkExtension needs JUnit Jupiter 5.14 or later");
  }
}
