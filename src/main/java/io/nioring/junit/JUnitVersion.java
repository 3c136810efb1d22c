package io.nioring.junit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

/** Tells whether this JUnit is one that the package works with. */
final class JUnitVersion {
  /** What came with the oldest one. */
  private static final String NEWEST_CLASS_NEEDED = "org.junit.jupiter.api.MediaType";

  private JUnitVersion() {}

  /**
   * Throws if it is too old: what is missing would show somewhere in a test, under another name.
   *
   * @param loader has JUnit's classes
   */
  static void ensureNewEnough(ClassLoader loader) {
    try {
      Class.forName(NEWEST_CLASS_NEEDED, false, loader);
    } catch (ClassNotFoundException e) {
      String version = Test.class.getPackage().getImplementationVersion();
      throw new ExtensionConfigurationException(
          "RingNetworkExtension needs JUnit Jupiter 5.14 or later"
              + (version == null ? "" : ", this is " + version),
          e);
    }
  }
}
