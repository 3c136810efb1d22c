package io.nioring.testkit;

import java.lang.reflect.Method;
import java.util.List;

/** The kinds of thread that blocking operations are tried on. */
public enum ThreadKind {
  PLATFORM {
    @Override
    public Thread start(String name, Runnable body) {
      Thread thread = new Thread(body, name);
      thread.setDaemon(true);
      thread.start();
      return thread;
    }
  },
  /** A virtual thread, started by reflection because the suite is compiled for Java 17. */
  VIRTUAL {
    @Override
    public Thread start(String name, Runnable body) {
      try {
        Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
        Class<?> builderType = Class.forName("java.lang.Thread$Builder");
        Object named = builderType.getMethod("name", String.class).invoke(builder, name);
        Method start = builderType.getMethod("start", Runnable.class);
        return (Thread) start.invoke(named, body);
      } catch (ReflectiveOperationException e) {
        throw new LinkageError("virtual threads are not available on this JDK", e);
      }
    }
  };

  private static final int FIRST_RELEASE_WITH_VIRTUAL_THREADS = 21;

  /** Starts {@code body} on a new thread of this kind. */
  public abstract Thread start(String name, Runnable body);

  /** The kinds that the running JDK has. */
  public static List<ThreadKind> available() {
    return Runtime.version().feature() >= FIRST_RELEASE_WITH_VIRTUAL_THREADS
        ? List.of(PLATFORM, VIRTUAL)
        : List.of(PLATFORM);
  }
}
