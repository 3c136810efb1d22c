package io.nioring.fault;

import java.io.IOException;
import java.io.InputStream;
import java.util.Set;

/**
 * Defines copies of the library's classes, woven by {@link FaultWeaver}, and of the script that
 * uses them, as it is. Everything else is the parent's.
 */
final class FaultLoader extends ClassLoader {
  /** Shared with the run that arms them. */
  private static final Set<String> SHARED =
      Set.of(FaultPoints.class.getName(), FaultCase.class.getName(), FaultThread.class.getName());

  static {
    registerAsParallelCapable();
  }

  FaultLoader(ClassLoader parent) {
    super(parent);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith("io.nioring.") || SHARED.contains(name)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    String resource = name.replace('.', '/') + ".class";
    try (InputStream in = getParent().getResourceAsStream(resource)) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] original = in.readAllBytes();
      boolean script =
          name.startsWith("io.nioring.fault.") || name.startsWith("io.nioring.testkit.");
      byte[] bytes = script ? original : FaultWeaver.weave(original);
      return defineClass(name, bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }
}
