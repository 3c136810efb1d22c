package io.nioring.fault;

import static net.bytebuddy.jar.asm.Opcodes.ANEWARRAY;
import static net.bytebuddy.jar.asm.Opcodes.ASM9;
import static net.bytebuddy.jar.asm.Opcodes.INVOKESPECIAL;
import static net.bytebuddy.jar.asm.Opcodes.INVOKESTATIC;
import static net.bytebuddy.jar.asm.Opcodes.NEW;
import static net.bytebuddy.jar.asm.Opcodes.NEWARRAY;

import io.nioring.fault.FaultPoints.Kind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Type;

/**
 * Puts a call of {@link FaultPoints#hit} in front of whatever may fail in a class: what allocates,
 * by itself or in a method or constructor of the JDK, calls the platform, or calls the user. What
 * puts an element into a collection may fail behind it too, where that one grows.
 *
 * <p>Knows no class of ours by name. Static initializers are left out, since one that fails is
 * never tried again, and the making of exceptions, which comes of another failure.
 */
final class FaultWeaver extends ClassVisitor {
  /** Methods of the JDK's collections, executors, buffers and addresses that allocate. */
  private static final Set<String> ALLOCATING =
      Set.of(
          "add",
          "addAll",
          "addFirst",
          "addLast",
          "allocate",
          "allocateDirect",
          "asList",
          "asReadOnlyBuffer",
          "clone",
          "compute",
          "computeIfAbsent",
          "copyOf",
          "copyOfRange",
          "createUnresolved",
          "duplicate",
          "entrySet",
          "execute",
          "getByAddress",
          "getFileName",
          "getHostAddress",
          "getHostString",
          "getParent",
          "iterator",
          "keySet",
          "listIterator",
          "merge",
          "newKeySet",
          "newSetFromMap",
          "normalize",
          "of",
          "ofNullable",
          "offer",
          "push",
          "put",
          "putAll",
          "putIfAbsent",
          "removeIf",
          "resolve",
          "resolveSibling",
          "schedule",
          "scheduleWithFixedDelay",
          "slice",
          "sort",
          "take",
          "toAbsolutePath",
          "stream",
          "subList",
          "submit",
          "toArray",
          "toList",
          "unmodifiableList",
          "unmodifiableSet",
          "values",
          "wrap");

  /** Methods of texts that allocate. */
  private static final Set<String> TEXT =
      Set.of(
          "append",
          "concat",
          "format",
          "formatted",
          "getBytes",
          "join",
          "replace",
          "split",
          "substring",
          "toCharArray",
          "toLowerCase",
          "toString",
          "valueOf");

  /** Methods that wait, which need a node for the waiter; locks may need one too. */
  private static final Set<String> WAITING = Set.of("await", "awaitNanos", "awaitUntil");

  /** Methods that may need a node for a thread that waits for a lock. */
  private static final Set<String> LOCKING = Set.of("lock", "readLock", "writeLock");

  /** Methods of an adder that make room for threads that meet. */
  private static final Set<String> COUNTING = Set.of("add", "increment", "decrement");

  /** Methods that throw an IOException, of channels, selectors, providers, sockets; not close. */
  private static final Set<String> SYSTEM_CALLS =
      Set.of(
          "accept",
          "available",
          "bind",
          "configureBlocking",
          "connect",
          "disconnect",
          "finishConnect",
          "getInputStream",
          "getLocalAddress",
          "getOption",
          "getOutputStream",
          "getRemoteAddress",
          "join",
          "open",
          "openAsynchronousChannelGroup",
          "openAsynchronousServerSocketChannel",
          "openAsynchronousSocketChannel",
          "openDatagramChannel",
          "openPipe",
          "openSelector",
          "openServerSocketChannel",
          "openSocketChannel",
          "read",
          "receive",
          "select",
          "selectNow",
          "sendUrgentData",
          "setOOBInline",
          "send",
          "setOption",
          "setSoTimeout",
          "shutdownInput",
          "shutdownOutput",
          "write");

  /** Methods of files that throw an IOException; not those that delete. */
  private static final Set<String> FILE_CALLS =
      Set.of(
          "createTempFile",
          "newByteChannel",
          "newOutputStream",
          "readAttributes",
          "readSymbolicLink",
          "setPosixFilePermissions",
          "size",
          "toRealPath");

  /** Plain sockets, and their streams. */
  private static final Set<String> SOCKETS =
      Set.of(
          "java/io/InputStream",
          "java/io/OutputStream",
          "java/net/ServerSocket",
          "java/net/Socket");

  /** Where methods allocate. */
  private static final List<String> PACKAGES = List.of("java/util/", "java/nio/", "java/net/");

  private static final String POINTS = Type.getInternalName(FaultPoints.class);

  /** Methods that may fail when they have put something in, and those that call them. */
  private static final Map<String, String> GROWING =
      Map.of(
          "add(Ljava/lang/Object;)Z",
          "(Ljava/util/Collection;Ljava/lang/Object;I)Z",
          "put(Ljava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;",
          "(Ljava/util/Map;Ljava/lang/Object;Ljava/lang/Object;I)Ljava/lang/Object;",
          "putIfAbsent(Ljava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;",
          "(Ljava/util/Map;Ljava/lang/Object;Ljava/lang/Object;I)Ljava/lang/Object;",
          "compute(Ljava/lang/Object;Ljava/util/function/BiFunction;)Ljava/lang/Object;",
          "(Ljava/util/Map;Ljava/lang/Object;Ljava/util/function/BiFunction;I)Ljava/lang/Object;");

  private String className;

  private FaultWeaver(ClassVisitor next) {
    super(ASM9, next);
  }

  static byte[] weave(byte[] original) {
    ClassReader reader = new ClassReader(original);
    ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
    reader.accept(new FaultWeaver(writer), 0);
    return writer.toByteArray();
  }

  @Override
  public void visit(
      int version, int access, String name, String signature, String superName, String[] faces) {
    className = name;
    super.visit(version, access, name, signature, superName, faces);
  }

  @Override
  public MethodVisitor visitMethod(
      int access, String name, String descriptor, String signature, String[] exceptions) {
    MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
    return name.equals("<clinit>") ? next : new Sites(next, name);
  }

  /** What a method does that may fail. */
  private final class Sites extends MethodVisitor {
    private final String method;
    private int line;

    Sites(MethodVisitor next, String method) {
      super(ASM9, next);
      this.method = method;
    }

    private void site(Kind kind, String what) {
      visitLdcInsn(FaultPoints.add(kind, where(what)));
      super.visitMethodInsn(INVOKESTATIC, POINTS, "hit", "(I)V", false);
    }

    private String where(String what) {
      return className.replace('/', '.') + "." + method + ":" + line + " (" + what + ")";
    }

    @Override
    public void visitLineNumber(int number, Label start) {
      line = number;
      super.visitLineNumber(number, start);
    }

    @Override
    public void visitTypeInsn(int opcode, String type) {
      super.visitTypeInsn(opcode, type);
      boolean allocates = opcode == NEW || opcode == ANEWARRAY;
      if (allocates && !type.endsWith("Exception") && !type.endsWith("Error")) {
        site(Kind.MEMORY, "new " + type); // behind it: stack maps name the place of a NEW
      }
    }

    @Override
    public void visitIntInsn(int opcode, int operand) {
      if (opcode == NEWARRAY) {
        site(Kind.MEMORY, "new array");
      }
      super.visitIntInsn(opcode, operand);
    }

    @Override
    public void visitMultiANewArrayInsn(String descriptor, int dimensions) {
      site(Kind.MEMORY, "new array");
      super.visitMultiANewArrayInsn(descriptor, dimensions);
    }

    @Override
    public void visitInvokeDynamicInsn(
        String name, String descriptor, Handle bootstrap, Object... arguments) {
      if (Type.getArgumentTypes(descriptor).length > 0) { // a lambda that captures, or a text
        site(Kind.MEMORY, "lambda or text");
      }
      super.visitInvokeDynamicInsn(name, descriptor, bootstrap, arguments);
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean isInterface) {
      Kind kind = kindOf(owner, name, descriptor);
      if (kind != null) {
        site(kind, owner + "." + name);
      }
      String growing = owner.startsWith("java/util/") ? GROWING.get(name + descriptor) : null;
      if (growing == null || opcode == INVOKESPECIAL) {
        super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
      } else {
        visitLdcInsn(FaultPoints.add(Kind.MEMORY, where("growing in " + owner + "." + name)));
        super.visitMethodInsn(INVOKESTATIC, POINTS, name, growing, false);
      }
    }

    private Kind kindOf(String owner, String name, String descriptor) {
      if (owner.startsWith("java/nio/channels/")) {
        if (name.equals("register")) {
          return Kind.MEMORY; // of the key
        }
        return SYSTEM_CALLS.contains(name) ? ofChannels(owner, descriptor) : null;
      } else if (SOCKETS.contains(owner)) {
        return SYSTEM_CALLS.contains(name) ? Kind.SOCKET : null;
      } else if (owner.startsWith("java/nio/file/") && FILE_CALLS.contains(name)) {
        return Kind.SYSTEM;
      } else if (owner.equals("java/lang/Thread")) {
        return name.equals("start") ? Kind.MEMORY : null;
      } else if (owner.startsWith("java/util/function/")) {
        return Kind.CALLBACK;
      } else if (owner.startsWith("io/netty/")) {
        return name.endsWith("Buffer") ? Kind.MEMORY : null;
      }
      return allocates(owner, name, descriptor) ? Kind.MEMORY : null;
    }

    private boolean allocates(String owner, String name, String descriptor) {
      if (owner.startsWith("[")) {
        return name.equals("clone");
      } else if (owner.startsWith("java/util/concurrent/atomic/")) {
        return owner.endsWith("LongAdder") && COUNTING.contains(name);
      } else if (owner.startsWith("java/util/stream/")) {
        return true;
      } else if (owner.equals("java/util/concurrent/locks/Condition")) {
        return WAITING.contains(name);
      } else if (owner.startsWith("java/util/concurrent/locks/")) {
        return LOCKING.contains(name) || (name.equals("tryLock") && descriptor.startsWith("(J"));
      } else if (owner.equals("java/lang/ThreadLocal")) {
        return name.equals("set") || name.equals("get");
      } else if (owner.equals("java/lang/ref/Cleaner")) {
        return name.equals("register");
      } else if (owner.startsWith("java/time/")) {
        return descriptor.contains(")Ljava/time/");
      } else if (name.equals("<init>")) {
        return isOfPackages(owner) && !owner.endsWith("Exception");
      } else if (owner.startsWith("java/lang/")) {
        return TEXT.contains(name) && !descriptor.endsWith("(Z)Ljava/lang/Boolean;");
      }
      boolean copies = owner.equals("java/net/InetAddress") && name.equals("getAddress");
      return copies || (ALLOCATING.contains(name) && isOfPackages(owner));
    }

    private static boolean isOfPackages(String owner) {
      return PACKAGES.stream().anyMatch(owner::startsWith);
    }

    /** Asynchronous operations tell handlers and futures, and throw only for want of memory. */
    private static Kind ofChannels(String owner, String descriptor) {
      boolean asynchronous = owner.startsWith("java/nio/channels/Asynchronous");
      boolean tells =
          descriptor.endsWith(")Ljava/util/concurrent/Future;")
              || descriptor.contains("Ljava/nio/channels/CompletionHandler;");
      return asynchronous && tells ? Kind.MEMORY : Kind.SYSTEM;
    }
  }
}
